import {
  type Language,
  LanguageSupport,
  StreamLanguage,
  type StreamParser,
} from '@codemirror/language'

type Loaded = Language | LanguageSupport

/** A language that code may be written in. */
export interface CodeLanguage {
  /** As it is kept with the document, and as Markdown names it after a fence. */
  readonly id: string
  readonly name: string
  /** What else it is called, and how names of its files end. */
  readonly aliases: readonly string[]
  readonly load: () => Promise<Loaded>
}

const language = (
  id: string,
  name: string,
  aliases: string,
  load: () => Promise<Loaded>,
): CodeLanguage => ({ id, name, aliases: aliases.split(' '), load })

/** One of the older stream grammars. */
const stream = (
  id: string,
  name: string,
  aliases: string,
  load: () => Promise<StreamParser<unknown>>,
): CodeLanguage => language(id, name, aliases, async () => StreamLanguage.define(await load()))

const javascript = (options: { jsx?: boolean; typescript?: boolean }) => async () =>
  (await import('@codemirror/lang-javascript')).javascript(options)

const clike = () => import('@codemirror/legacy-modes/mode/clike')
const css = () => import('@codemirror/legacy-modes/mode/css')
const mllike = () => import('@codemirror/legacy-modes/mode/mllike')

/** Every language, by name. The grammar of each is loaded when it is chosen. */
export const LANGUAGES: readonly CodeLanguage[] = [
  stream('c', 'C', 'h', async () => (await clike()).c),
  stream('csharp', 'C#', 'cs c#', async () => (await clike()).csharp),
  stream('cpp', 'C++', 'cc cxx hpp hh c++', async () => (await clike()).cpp),
  stream(
    'clojure',
    'Clojure',
    'clj cljs edn',
    async () => (await import('@codemirror/legacy-modes/mode/clojure')).clojure,
  ),
  stream(
    'cmake',
    'CMake',
    'cmakelists.txt',
    async () => (await import('@codemirror/legacy-modes/mode/cmake')).cmake,
  ),
  stream(
    'cobol',
    'COBOL',
    'cob cbl',
    async () => (await import('@codemirror/legacy-modes/mode/cobol')).cobol,
  ),
  stream(
    'coffeescript',
    'CoffeeScript',
    'coffee',
    async () => (await import('@codemirror/legacy-modes/mode/coffeescript')).coffeeScript,
  ),
  stream(
    'commonlisp',
    'Common Lisp',
    'lisp cl el',
    async () => (await import('@codemirror/legacy-modes/mode/commonlisp')).commonLisp,
  ),
  stream(
    'crystal',
    'Crystal',
    'cr',
    async () => (await import('@codemirror/legacy-modes/mode/crystal')).crystal,
  ),
  language('css', 'CSS', 'css', async () => (await import('@codemirror/lang-css')).css()),
  stream('d', 'D', 'd', async () => (await import('@codemirror/legacy-modes/mode/d')).d),
  stream('dart', 'Dart', 'dart', async () => (await clike()).dart),
  stream(
    'diff',
    'Diff',
    'patch',
    async () => (await import('@codemirror/legacy-modes/mode/diff')).diff,
  ),
  stream(
    'dockerfile',
    'Dockerfile',
    'docker containerfile',
    async () => (await import('@codemirror/legacy-modes/mode/dockerfile')).dockerFile,
  ),
  stream('elm', 'Elm', 'elm', async () => (await import('@codemirror/legacy-modes/mode/elm')).elm),
  stream(
    'erlang',
    'Erlang',
    'erl hrl',
    async () => (await import('@codemirror/legacy-modes/mode/erlang')).erlang,
  ),
  stream('fsharp', 'F#', 'fs fsx f#', async () => (await mllike()).fSharp),
  stream(
    'fortran',
    'Fortran',
    'f f90 f95 for',
    async () => (await import('@codemirror/legacy-modes/mode/fortran')).fortran,
  ),
  stream(
    'gherkin',
    'Gherkin',
    'feature cucumber',
    async () => (await import('@codemirror/legacy-modes/mode/gherkin')).gherkin,
  ),
  language('go', 'Go', 'golang', async () => (await import('@codemirror/lang-go')).go()),
  stream(
    'groovy',
    'Groovy',
    'gradle',
    async () => (await import('@codemirror/legacy-modes/mode/groovy')).groovy,
  ),
  stream(
    'haskell',
    'Haskell',
    'hs',
    async () => (await import('@codemirror/legacy-modes/mode/haskell')).haskell,
  ),
  language('html', 'HTML', 'htm vue svelte', async () =>
    (await import('@codemirror/lang-html')).html(),
  ),
  stream(
    'http',
    'HTTP',
    'http',
    async () => (await import('@codemirror/legacy-modes/mode/http')).http,
  ),
  stream('java', 'Java', 'java', async () => (await clike()).java),
  language('javascript', 'JavaScript', 'js mjs cjs jsx node', javascript({ jsx: true })),
  language('json', 'JSON', 'jsonc geojson webmanifest', async () =>
    (await import('@codemirror/lang-json')).json(),
  ),
  stream(
    'julia',
    'Julia',
    'jl',
    async () => (await import('@codemirror/legacy-modes/mode/julia')).julia,
  ),
  stream('kotlin', 'Kotlin', 'kt kts', async () => (await clike()).kotlin),
  stream(
    'latex',
    'LaTeX',
    'tex sty',
    async () => (await import('@codemirror/legacy-modes/mode/stex')).stex,
  ),
  stream('less', 'Less', 'less', async () => (await css()).less),
  stream('lua', 'Lua', 'lua', async () => (await import('@codemirror/legacy-modes/mode/lua')).lua),
  stream(
    'nginx',
    'nginx',
    'nginx.conf',
    async () => (await import('@codemirror/legacy-modes/mode/nginx')).nginx,
  ),
  stream('objectivec', 'Objective-C', 'm mm objc', async () => (await clike()).objectiveC),
  stream('ocaml', 'OCaml', 'ml mli', async () => (await mllike()).oCaml),
  stream(
    'octave',
    'Octave',
    'matlab',
    async () => (await import('@codemirror/legacy-modes/mode/octave')).octave,
  ),
  stream(
    'pascal',
    'Pascal',
    'pas delphi',
    async () => (await import('@codemirror/legacy-modes/mode/pascal')).pascal,
  ),
  stream(
    'perl',
    'Perl',
    'pl pm',
    async () => (await import('@codemirror/legacy-modes/mode/perl')).perl,
  ),
  language('php', 'PHP', 'php', async () => (await import('@codemirror/lang-php')).php()),
  stream(
    'powershell',
    'PowerShell',
    'ps1 psm1',
    async () => (await import('@codemirror/legacy-modes/mode/powershell')).powerShell,
  ),
  stream(
    'properties',
    'Properties, INI',
    'ini cfg conf env editorconfig',
    async () => (await import('@codemirror/legacy-modes/mode/properties')).properties,
  ),
  stream(
    'protobuf',
    'Protocol Buffers',
    'proto',
    async () => (await import('@codemirror/legacy-modes/mode/protobuf')).protobuf,
  ),
  language('python', 'Python', 'py pyi pyw', async () =>
    (await import('@codemirror/lang-python')).python(),
  ),
  stream('r', 'R', 'r', async () => (await import('@codemirror/legacy-modes/mode/r')).r),
  stream(
    'ruby',
    'Ruby',
    'rb rakefile gemfile',
    async () => (await import('@codemirror/legacy-modes/mode/ruby')).ruby,
  ),
  stream(
    'rust',
    'Rust',
    'rs',
    async () => (await import('@codemirror/legacy-modes/mode/rust')).rust,
  ),
  stream(
    'sass',
    'Sass',
    'sass',
    async () => (await import('@codemirror/legacy-modes/mode/sass')).sass,
  ),
  stream('scala', 'Scala', 'sc sbt', async () => (await clike()).scala),
  stream(
    'scheme',
    'Scheme',
    'scm rkt racket',
    async () => (await import('@codemirror/legacy-modes/mode/scheme')).scheme,
  ),
  stream('scss', 'SCSS', 'scss', async () => (await css()).sCSS),
  stream(
    'shell',
    'Shell',
    'sh bash zsh console',
    async () => (await import('@codemirror/legacy-modes/mode/shell')).shell,
  ),
  stream(
    'sparql',
    'SPARQL',
    'rq',
    async () => (await import('@codemirror/legacy-modes/mode/sparql')).sparql,
  ),
  stream(
    'sql',
    'SQL',
    'mysql postgresql sqlite',
    async () => (await import('@codemirror/legacy-modes/mode/sql')).standardSQL,
  ),
  stream(
    'swift',
    'Swift',
    'swift',
    async () => (await import('@codemirror/legacy-modes/mode/swift')).swift,
  ),
  stream('tcl', 'Tcl', 'tcl', async () => (await import('@codemirror/legacy-modes/mode/tcl')).tcl),
  stream(
    'toml',
    'TOML',
    'toml',
    async () => (await import('@codemirror/legacy-modes/mode/toml')).toml,
  ),
  stream(
    'turtle',
    'Turtle',
    'ttl',
    async () => (await import('@codemirror/legacy-modes/mode/turtle')).turtle,
  ),
  language('tsx', 'TSX', 'tsx', javascript({ jsx: true, typescript: true })),
  language('typescript', 'TypeScript', 'ts mts cts', javascript({ typescript: true })),
  stream(
    'verilog',
    'Verilog',
    'v sv',
    async () => (await import('@codemirror/legacy-modes/mode/verilog')).verilog,
  ),
  stream(
    'vhdl',
    'VHDL',
    'vhd',
    async () => (await import('@codemirror/legacy-modes/mode/vhdl')).vhdl,
  ),
  stream(
    'vb',
    'Visual Basic',
    'vbnet',
    async () => (await import('@codemirror/legacy-modes/mode/vb')).vb,
  ),
  stream(
    'wast',
    'WebAssembly',
    'wat',
    async () => (await import('@codemirror/legacy-modes/mode/wast')).wast,
  ),
  stream(
    'xml',
    'XML',
    'svg xsd xsl plist',
    async () => (await import('@codemirror/legacy-modes/mode/xml')).xml,
  ),
  stream(
    'yaml',
    'YAML',
    'yml',
    async () => (await import('@codemirror/legacy-modes/mode/yaml')).yaml,
  ),
]

const byName = new Map<string, CodeLanguage>()
for (const entry of LANGUAGES) {
  for (const name of [entry.id, entry.name.toLowerCase(), ...entry.aliases]) byName.set(name, entry)
}

/** The language of this name, alias or file ending. */
export const languageNamed = (name: string): CodeLanguage | undefined =>
  byName.get(name.trim().toLowerCase())

/** The language that the name of a file tells: `main.go`, `Dockerfile`. */
export function languageOfFile(file: string): CodeLanguage | undefined {
  const name = file.trim().toLowerCase()
  const [ending] = /[^.]+$/.exec(name) ?? ['']
  // A title of several words without an ending is no file's name.
  return byName.get(name) ?? (name.includes('.') ? byName.get(ending) : undefined)
}

/** The bare language, without the habits that come with it. */
export const bare = (loaded: Loaded): Language =>
  loaded instanceof LanguageSupport ? loaded.language : loaded
