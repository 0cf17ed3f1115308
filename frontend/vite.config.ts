import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const server = process.env.QUIRE_DEV_SERVER ?? 'http://127.0.0.1:8080'
const page = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Chunks that are loaded later, but that a document cannot do without. */
const EDITORS = ['codemirror', 'prosemirror', 'rich-tools']

/** Tells the service worker which files to keep: the pages, and all scripts and styles that they and the editors load. */
function precached(): Plugin {
  const id = 'virtual:precached'
  const placeholder = '__PRECACHED__'
  return {
    name: 'precached',
    apply: 'build',
    enforce: 'post',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load: (source) =>
      source === `\0${id}` ? `export const [PRECACHED, VERSION] = ${placeholder}` : undefined,
    generateBundle(_options, bundle) {
      const kept = new Set<string>()
      const keep = (name: string) => {
        const part = bundle[name]
        if (!part || kept.has(name) || name === 'sw.js') return
        kept.add(name)
        if (part.type === 'chunk') for (const imported of part.imports) keep(imported)
      }
      for (const [name, part] of Object.entries(bundle)) {
        const needed = part.type === 'chunk' && (part.isEntry || EDITORS.includes(part.name))
        if (needed || name.endsWith('.css')) keep(name)
      }
      const files = [...kept].sort().map((name) => `./${name}`)
      const paths = ['./', './document.html', './diagram.html', './favicon.svg', ...files]
      const version = createHash('sha256').update(paths.join()).digest('hex').slice(0, 12)
      const worker = bundle['sw.js']
      if (worker?.type !== 'chunk') throw new Error('there is no service worker')
      worker.code = worker.code.replace(placeholder, JSON.stringify([paths, version]))
    },
  }
}

/** The version of the script that pages of other sites load. One that was released never changes: a change has another number. */
const SCRIPT_VERSION = '1.0.0'

/**
 * Builds the script that pages of other sites load, into one file under two names: the newest, and this very version. What the page
 * tells of it is its address and its hash, by which a browser knows that it is this one.
 */
function hostScript(): Plugin {
  const id = 'virtual:host-script'
  const name = `embed@${SCRIPT_VERSION}.js`
  let code = ''
  const compile = async () => {
    const entry = page('src/embed/quire-editor.ts')
    const built = await build({
      configFile: false,
      logLevel: 'warn',
      build: {
        write: false,
        target: 'es2022',
        modulePreload: false,
        rolldownOptions: { input: entry },
      },
    })
    const [file] = (Array.isArray(built) ? built : [built]) as { output: { code?: string }[] }[]
    code = file?.output[0]?.code ?? ''
  }
  return {
    name: 'host-script',
    async buildStart() {
      if (this.environment.mode === 'build') await compile()
    },
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load: (source) => {
      if (source !== `\0${id}`) return undefined
      const hash = `sha384-${createHash('sha384').update(code).digest('base64')}`
      return `export const [NAME, INTEGRITY] = ${JSON.stringify([name, hash])}`
    },
    generateBundle() {
      for (const fileName of ['embed.js', name]) {
        this.emitFile({ type: 'asset', fileName, source: code })
      }
    },
  }
}

export default defineConfig(({ command }) => ({
  appType: 'mpa',
  // The server may be below a path, which it writes into the pages (server/pages.go).
  base: command === 'build' ? './' : '/',
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
        diagram: page('diagram.html'),
        sw: page('src/worker/sw.ts'),
      },
      output: {
        // A service worker speaks for the pages beside it, under one name for ever.
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
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
    precached(),
    hostScript(),
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
}))
