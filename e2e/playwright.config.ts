import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'
import type { Between } from './browser/nginx.ts'

// Debian's Chromium, or the browser that CHROMIUM names. Without either, Playwright's own is used if it is installed.
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Set to run every test behind what stands before the server, instead of those tagged @proxy: make e2e-proxy, e2e-http. */
const some = process.env.PROXY === 'all' ? {} : { grep: /@proxy/ }

export default defineConfig<{ between: Between | null }>({
  projects: [
    { name: 'direct' },
    { name: 'nginx', use: { between: 'nginx' }, ...some },
    { name: 'gateway', use: { between: 'gateway' }, ...some },
    // Most of it holds because it holds behind the gateway.
    {
      name: 'blocked',
      use: { between: 'blocked' },
      ...(process.env.PROXY === 'all' ? {} : { grep: /two people typing.*@proxy/ }),
    },
  ],
  testDir: 'browser',
  // Generous: they bound a hang, and say nothing of speed on a machine that does other things.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  workers: 2,
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  // A second try is reported as flaky, which is a bug to mend, but does not hold up everything else.
  retries: process.env.CI ? 1 : 0,
  reporter: [['list']],
  use: {
    locale: 'en-GB',
    trace: 'on-first-retry',
    launchOptions: {
      ...(existsSync(chromium) ? { executablePath: chromium } : {}),
      args: [
        '--disable-dev-shm-usage',
        '--font-render-hinting=none',
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
