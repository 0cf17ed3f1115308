import { StreamLanguage, type StreamParser } from '@codemirror/language'
import type { Extension } from '@codemirror/state'

type Load = () => Promise<Extension>

/** Wraps one of the older stream grammars. */
const stream =
  (load: () => Promise<StreamParser<unknown>>): Load =>
  async () =>
    StreamLanguage.define(await load())

const javascript =
  (options: { jsx?: boolean; typescript?: boolean }): Load =>
  async () =>
    (await import('@codemirror/lang-javascript')).javascript(options)

const clike = (
  name: 'c' | 'cpp' | 'java' | 'csharp' | 'kotlin' | 'scala' | 'dart' | 'objectiveC',
): Load => stream(async () => (await import('@codemirror/legacy-modes/mode/clike'))[name])

const LOADERS: ReadonlyArray<readonly [endings: string, load: Load]> = [
  ['js mjs cjs jsx', javascript({ jsx: true })],
  ['ts mts cts', javascript({ typescript: true })],
  ['tsx', javascript({ jsx: true, typescript: true })],
  ['py pyi', async () => (await import('@codemirror/lang-python')).python()],
  ['go', async () => (await import('@codemirror/lang-go')).go()],
  ['json', async () => (await import('@codemirror/lang-json')).json()],
  ['html htm vue svelte', async () => (await import('@codemirror/lang-html')).html()],
  ['css', async () => (await import('@codemirror/lang-css')).css()],
  ['c h', clike('c')],
  ['cc cpp cxx hpp hh', clike('cpp')],
  ['java', clike('java')],
  ['cs', clike('csharp')],
  ['kt kts', clike('kotlin')],
  ['scala', clike('scala')],
  ['dart', clike('dart')],
  ['m mm', clike('objectiveC')],
  ['rs', stream(async () => (await import('@codemirror/legacy-modes/mode/rust')).rust)],
  ['rb', stream(async () => (await import('@codemirror/legacy-modes/mode/ruby')).ruby)],
  ['sh bash zsh', stream(async () => (await import('@codemirror/legacy-modes/mode/shell')).shell)],
  ['yaml yml', stream(async () => (await import('@codemirror/legacy-modes/mode/yaml')).yaml)],
  ['toml', stream(async () => (await import('@codemirror/legacy-modes/mode/toml')).toml)],
  ['xml svg', stream(async () => (await import('@codemirror/legacy-modes/mode/xml')).xml)],
  ['sql', stream(async () => (await import('@codemirror/legacy-modes/mode/sql')).standardSQL)],
  ['swift', stream(async () => (await import('@codemirror/legacy-modes/mode/swift')).swift)],
  ['lua', stream(async () => (await import('@codemirror/legacy-modes/mode/lua')).lua)],
  ['pl pm', stream(async () => (await import('@codemirror/legacy-modes/mode/perl')).perl)],
  ['r', stream(async () => (await import('@codemirror/legacy-modes/mode/r')).r)],
  ['hs', stream(async () => (await import('@codemirror/legacy-modes/mode/haskell')).haskell)],
  ['diff patch', stream(async () => (await import('@codemirror/legacy-modes/mode/diff')).diff)],
  [
    'dockerfile',
    stream(async () => (await import('@codemirror/legacy-modes/mode/dockerfile')).dockerFile),
  ],
]

const byEnding = new Map(
  LOADERS.flatMap(([endings, load]) => endings.split(' ').map((ending) => [ending, load] as const)),
)

/** Syntax for a file of this name, or none if its ending says nothing to us. */
export async function languageFor(title: string): Promise<Extension> {
  const ending = title.trim().toLowerCase().split('.').pop() ?? ''
  return (await byEnding.get(ending)?.()) ?? []
}
