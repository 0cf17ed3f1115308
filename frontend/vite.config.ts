import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const server = process.env.QUIRE_DEV_SERVER ?? 'http://127.0.0.1:8080'
const page = (name: string) => fileURLToPath(new URL(name, import.meta.url))

export default defineConfig({
  appType: 'mpa',
  build: {
    target: 'es2022',
    // The content security policy forbids inline scripts and data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        index: page('index.html'),
        document: page('document.html'),
        missing: page('missing.html'),
      },
    },
  },
  server: {
    proxy: {
      '/api': server,
      '/healthz': server,
      '/ws': { target: server, ws: true },
    },
  },
  plugins: [
    {
      // The Go server answers /d/{id} with document.html; so does the dev server.
      name: 'document-address',
      configureServer(dev) {
        dev.middlewares.use((request, _response, next) => {
          if (request.url?.startsWith('/d/')) request.url = '/document.html'
          next()
        })
      },
    },
  ],
  test: {
    include: ['src/**/*.test.{ts,tsx}'],
    // Randomised tests are slow on a loaded machine.
    testTimeout: 180_000,
  },
})
