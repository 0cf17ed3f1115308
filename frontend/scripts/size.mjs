// Compares what each page loads with size-budget.json. Run after `npm run build`.
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const root = new URL('../', import.meta.url)
const read = (path) => readFileSync(new URL(path, root))
const { pages, scripts } = JSON.parse(read('size-budget.json'))
const assets = readdirSync(new URL('dist/assets', root))

/** A script and all it imports at once (not what it loads later). */
function withImports(name, found = new Set()) {
  if (found.has(name)) return found
  found.add(name)
  const code = read(`dist/assets/${name}`).toString()
  for (const [, imported] of code.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) {
    withImports(imported, found)
  }
  return found
}

const kilobytes = (names) =>
  [...names].reduce((sum, name) => sum + gzipSync(read(`dist/assets/${name}`)).length, 0) / 1000

let over = false
for (const [page, { html, editor, ...budget }] of Object.entries(pages)) {
  const text = read(`dist/${html}`).toString()
  const named = [...text.matchAll(/\/assets\/([^"]+)"/g)].map(([, name]) => name)
  const editors = editor
    ? assets.filter((n) => n.startsWith(`${editor}-`) && n.endsWith('.js'))
    : []
  if (editor && editors.length !== 1) throw new Error(`expected one chunk named ${editor}`)
  const loaded = new Set()
  for (const name of [...named.filter((n) => n.endsWith('.js')), ...editors]) {
    withImports(name, loaded)
  }
  const sizes = { js: kilobytes(loaded), css: kilobytes(named.filter((n) => n.endsWith('.css'))) }
  for (const kind of ['js', 'css']) {
    const fits = sizes[kind] <= budget[kind]
    over ||= !fits
    const verdict = fits ? 'ok' : 'TOO LARGE'
    console.log(`${page} ${kind}: ${sizes[kind].toFixed(1)} of ${budget[kind]} kB ${verdict}`)
  }
}
// What pages of other sites load, by itself.
for (const [name, most] of Object.entries(scripts)) {
  const size = kilobytes([`../${name}`])
  const fits = size <= most
  over ||= !fits
  console.log(`${name}: ${size.toFixed(1)} of ${most} kB ${fits ? 'ok' : 'TOO LARGE'}`)
}
if (over) process.exit(1)
