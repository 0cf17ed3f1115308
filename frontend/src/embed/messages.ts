/**
 * What a page and a document in a frame of it say to each other: the contract that `docs/embedding.md` describes. Both ends are
 * built from this file.
 */

/** The version of this contract. Within it there are only additions. */
export const VERSION = 1

/** The name of frames that `<quire-editor>` made: their page waits for the host a little before it opens the document. */
export const FRAME_NAME = 'quire-editor'

/** The frame greets, in `window.postMessage`. The nonce is of this one load of the page. */
export interface Hello {
  readonly quire: typeof VERSION
  readonly type: 'hello'
  readonly nonce: string
}

/** The host answers with its end of a channel; everything else is said there. */
export interface Connect {
  readonly quire: typeof VERSION
  readonly type: 'connect'
  readonly nonce: string
  readonly config: Config
}

/** How the document is shown. Everything is a text, as in an address; what is missing is as it was. Nothing of it gives rights. */
export type Parameters = { readonly [P in (typeof PARAMETERS)[number]]?: string }

export const PARAMETERS = [
  'theme',
  'accent',
  'lang',
  'dir',
  'ui',
  'readonly',
  'lines',
  'font',
  'autofocus',
  'resize',
  'jump',
  'observe',
] as const

export type Config = Parameters & {
  /** What the host's server has signed for its user. */
  readonly token?: string
  /** The host gives a token when it is told that one is needed: '' for yes. */
  readonly asks?: string
}

/** Host to frame. */
export interface Request {
  readonly id: number
  readonly method: string
  readonly params?: unknown
}

/** Frame to host: the answer to a request, or something that happened. */
export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: Problem }
export type EventMessage = { readonly event: string; readonly data: unknown }

/** What went wrong: a code for programs, and a sentence in English for who writes them. */
export interface Problem {
  readonly code: Code
  readonly message: string
}

export type Code =
  | 'unknown-method'
  | 'bad-request'
  | 'not-found'
  | 'denied'
  | 'token-expired'
  | 'token-invalid'
  | 'origin-refused'
  | 'server-busy'
  | 'not-ready'

/** The commands of the host, as methods of the element. */
export const METHODS = [
  'getText',
  'getContents',
  'getMarkdown',
  'setText',
  'setContents',
  'insert',
  'applyDelta',
  'replaceSelection',
  'getSelection',
  'setSelection',
  'scrollTo',
  'setReadOnly',
  'configure',
  'setToken',
  'save',
  'pauseFocus',
  'getPresence',
  'getVersion',
  'download',
  'print',
] as const

type Fields = { readonly [field: string]: unknown }

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isHello = (said: unknown): said is Hello =>
  isFields(said) &&
  said.quire === VERSION &&
  said.type === 'hello' &&
  typeof said.nonce === 'string'

export const isConnect = (said: unknown, nonce: string): said is Connect =>
  isFields(said) &&
  said.quire === VERSION &&
  said.type === 'connect' &&
  said.nonce === nonce &&
  isFields(said.config)

export const isRequest = (said: unknown): said is Request =>
  isFields(said) && Number.isSafeInteger(said.id) && typeof said.method === 'string'

export const isReply = (said: unknown): said is Reply =>
  isFields(said) && Number.isSafeInteger(said.id)

export const isEvent = (said: unknown): said is EventMessage =>
  isFields(said) && typeof said.event === 'string'
