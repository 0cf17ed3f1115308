import { defineConfig } from '@playwright/test'
import browser from './playwright.config.ts'

/** Measures the page, one thing at a time. Apart from the tests: figures depend on what else the machine does. */
export default defineConfig({
  ...browser,
  testDir: 'bench',
  testMatch: '*.bench.ts',
  timeout: 300_000,
  workers: 1,
  fullyParallel: false,
  retries: 0,
  use: { ...browser.use, trace: 'off' },
})
