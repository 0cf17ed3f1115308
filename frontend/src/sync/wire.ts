import type { Delta, JsonObject } from '../delta'

/** The op type's name on the wire. */
export const RICH_TEXT = 'http://sharejs.org/types/rich-text/v1'
/** The one collection. */
export const COLLECTION = 'documents'

export type Kind = 'text' | 'markdown' | 'code' | 'rich'

export interface WireError {
  readonly code: string
  readonly message: string
}

/** Messages to the server: ShareDB's, and our own with the prefix `q:`. */
export type Outgoing =
  | { a: 'hs'; id: string | null; protocol: 1; protocolMinor: 2; token?: string | undefined }
  | { a: 'pp' }
  | { a: 'q:hello'; c: string; d: string; bundles: true }
  | { a: 's' | 'f'; c: string; d: string; v: number | null }
  | { a: 'op'; c: string; d: string; v: number; src: string; seq: number; x: object; op: Delta }
  | ChatRequest
  | { a: 'ps'; ch: string; seq: number }
  | {
      a: 'p'
      ch: string
      id: string
      p: JsonObject | null
      pv: number
      c: string
      d: string
      v: number
      t: string
    }

/** What chat.ts says. */
export interface ChatRequest {
  a: 'q:chat' | 'q:chats' | 'q:typing'
  c: string
  d: string
  v?: number | null
  before?: number
  id?: string
  m?: object
}

export interface Handshake {
  readonly a: 'hs'
  readonly id: string
}
/** What is known of a document beside its text. */
export interface About {
  readonly kind: Kind
  /** What code is written in; '' where nobody has said so. */
  readonly language: string
  readonly title: string
}
/** What the user may do with a document: the role, and the names of what it allows. */
export interface Standing {
  readonly role: string
  readonly may: readonly string[]
}
export interface Hello extends About {
  readonly a: 'q:hello'
  /** null when the server has not been asked yet. */
  readonly standing: Standing | null
  /** Largest message the server takes, in bytes; 0 when it did not say. */
  readonly maxMessageBytes: number
}
export interface Amended extends About {
  readonly a: 'q:about'
}
/** The user's rights have changed. */
export interface RoleChanged {
  readonly a: 'q:role'
  readonly standing: Standing
}
/** What whoever runs the server has to say; '' when that is over. */
export interface Noticed {
  readonly a: 'q:notice'
  readonly text: string
}
/** The answer to a subscribe or fetch: a snapshot, or nothing when ops were sent instead. */
export interface Fetched {
  readonly a: 's' | 'f'
  readonly error?: WireError
  readonly snapshot?: { readonly revision: number; readonly content: Delta | null }
}
/** A record from the log, the acknowledgement of our own (`change` missing), or its refusal. */
export interface OpMessage {
  readonly a: 'op'
  readonly revision: number
  readonly src: string
  readonly seq: number
  readonly change?: Delta
  readonly created: boolean
  readonly deleted: boolean
  readonly error?: WireError
}
export interface PresenceMessage {
  readonly a: 'p'
  readonly id: string
  readonly src: string
  readonly revision: number
  readonly version: number
  /** null: the person has gone. */
  readonly value: JsonObject | null
}
/** Of the conversation beside the document: chat.ts reads it. */
export interface ChatNews {
  readonly a: 'chat'
  readonly raw: Readonly<Record<string, unknown>>
}
/** Records that we missed, many in one message. */
export interface Bundle {
  readonly a: 'q:ops'
  readonly ops: readonly OpMessage[]
}
export type Incoming =
  | Bundle
  | ChatNews
  | Handshake
  | Hello
  | Amended
  | RoleChanged
  | Noticed
  | Fetched
  | OpMessage
  | PresenceMessage
  | { readonly a: 'pp' }
  | { readonly a: 'pr' }

type Raw = Record<string, unknown>

const isObject = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const numberOr = (value: unknown, otherwise: number) =>
  typeof value === 'number' ? value : otherwise
const stringOr = (value: unknown, otherwise: string) =>
  typeof value === 'string' ? value : otherwise

/**
 * Reads one message. Answers undefined for anything this client has no use
 * for, so that a newer server may say more than we understand.
 */
export function parseMessage(text: string): Incoming | undefined {
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(raw)) return undefined
  switch (raw.a) {
    case 'hs':
      return typeof raw.id === 'string' && !raw.error ? { a: 'hs', id: raw.id } : undefined
    case 'q:hello':
      return parseHello(raw)
    case 'q:about': {
      const about = parseAbout(raw)
      return about && { a: 'q:about', ...about }
    }
    case 'q:role': {
      const standing = parseStanding(raw)
      return standing ? { a: 'q:role', standing } : undefined
    }
    case 'q:notice':
      return { a: 'q:notice', text: stringOr(raw.text, '') }
    case 'q:chat':
    case 'q:chats':
    case 'q:typing':
      return { a: 'chat', raw }
    case 's':
    case 'f':
      return parseFetched(raw, raw.a)
    case 'op':
      return parseOp(raw)
    case 'q:ops':
      return Array.isArray(raw.ops)
        ? { a: 'q:ops', ops: raw.ops.filter(isObject).map(parseOp) }
        : undefined
    case 'p':
      return parsePresence(raw)
    case 'pp':
    case 'pr':
      return { a: raw.a }
    default:
      return undefined
  }
}

function parseHello(raw: Raw): Hello | undefined {
  const about = parseAbout(raw)
  const standing = parseStanding(raw)
  const maxMessageBytes = numberOr(raw.maxMessageBytes, 0)
  return about && { a: 'q:hello', ...about, standing, maxMessageBytes }
}

function parseStanding({ role, may }: Raw): Standing | null {
  if (!Array.isArray(may)) return null
  return { role: stringOr(role, ''), may: may.filter((name) => typeof name === 'string') }
}

function parseAbout(raw: Raw): About | undefined {
  const { kind } = raw
  if (kind !== 'text' && kind !== 'markdown' && kind !== 'code' && kind !== 'rich') return undefined
  return { kind, language: stringOr(raw.language, ''), title: stringOr(raw.title, '') }
}

function parseFetched(raw: Raw, a: 's' | 'f'): Fetched {
  if (raw.error) return { a, error: parseError(raw.error) }
  if (!isObject(raw.data)) return { a }
  const { v, type, data } = raw.data
  const content = type === null ? null : parseDelta(data)
  return { a, snapshot: { revision: numberOr(v, 0), content } }
}

function parseOp(raw: Raw): OpMessage {
  return {
    a: 'op',
    revision: numberOr(raw.v, -1),
    src: stringOr(raw.src, ''),
    seq: numberOr(raw.seq, 0),
    created: raw.create !== undefined,
    deleted: raw.del === true,
    ...(raw.op === undefined ? {} : { change: parseDelta(raw.op) }),
    ...(raw.error ? { error: parseError(raw.error) } : {}),
  }
}

function parsePresence(raw: Raw): PresenceMessage | undefined {
  if (raw.error || typeof raw.id !== 'string') return undefined
  return {
    a: 'p',
    id: raw.id,
    src: stringOr(raw.src, ''),
    revision: numberOr(raw.v, 0),
    version: numberOr(raw.pv, 0),
    value: isObject(raw.p) ? (raw.p as JsonObject) : null,
  }
}

function parseError(raw: unknown): WireError {
  if (!isObject(raw)) return { code: 'ERR_UNKNOWN_ERROR', message: String(raw) }
  return { code: stringOr(raw.code, 'ERR_UNKNOWN_ERROR'), message: stringOr(raw.message, '') }
}

/** Both forms occur: a bare list, and an object with `ops`. */
function parseDelta(raw: unknown): Delta {
  if (Array.isArray(raw)) return raw as Delta
  if (isObject(raw) && Array.isArray(raw.ops)) return raw.ops as Delta
  return []
}
