import type { Cancel, Schedule } from './schedule'
import { COLLECTION, type Outgoing } from './wire'

/** Something that a person said, in its place. */
export interface Said {
  /** Its place among all messages, counted from 0. Places of messages for others are left out. */
  readonly n: number
  /** Milliseconds since 1970, by the server's clock. */
  readonly at: number
  /** Who said it. */
  readonly person: string
  /** The sender's name for it. */
  readonly id: string
  readonly text: string
  readonly name: string
  readonly color: string
  /** The one person whom it is for; '' for everybody. */
  readonly to: string
  /** The persons whom it names. */
  readonly mentions: readonly string[]
}

/** A message that the server has not stored yet. */
export interface Unsaid {
  readonly id: string
  readonly text: string
  readonly to: string
  readonly mentions: readonly string[]
  /** How many messages were known when it was first sent: a first copy can only be behind them. null: not sent yet. */
  readonly known: number | null
  /** The server will not take it. */
  readonly refused?: boolean
}

export interface Typist {
  readonly name: string
  /** Schedule time after which they are taken to have stopped. */
  readonly until: number
}

export interface ChatHost {
  readonly document: string
  send(message: Outgoing): boolean
  /** How the user is shown. */
  readonly me: { readonly name: string; readonly color: string }
  /** Messages that wait have changed: they are to be kept on this device. */
  keep(unsaid: readonly Unsaid[]): void
  changed(): void
}

/** Least time between two words that the user is writing, and how long each counts, in ms. */
const TELL_EVERY = 3_000
const TYPING_FOR = 5_000

/**
 * The conversation beside a document. Whatever happens to the line, each
 * message is said once: it is sent again under the same id until the server
 * tells its place.
 */
export class Chat {
  /** The user as others know them; '' until the server has said so. */
  person = ''
  /** The newest messages, in order, without a gap but for those that are for others. */
  said: readonly Said[] = []
  unsaid: readonly Unsaid[]
  typists: ReadonlyMap<string, Typist> = new Map()

  /** The first message that is here, and the number of all: what is between is in `said`. null before the first answer. */
  private span: { from: number; to: number } | null = null
  private told = Number.NEGATIVE_INFINITY
  private cancelTyping: Cancel = () => {}

  constructor(
    private readonly host: ChatHost,
    private readonly schedule: Schedule,
    unsaid: readonly Unsaid[] = [],
  ) {
    this.unsaid = unsaid
  }

  /** How many messages there are, those for others included; null before that is known. */
  get count(): number | null {
    return this.span?.to ?? null
  }

  /** Whether there are older messages than those that are here. */
  get hasOlder(): boolean {
    return this.span !== null && this.span.from > 0
  }

  connected(): void {
    this.host.send({ ...this.about('q:chats'), ...(this.span ? { v: this.span.to } : {}) })
  }

  /** Asks for older messages. */
  older(): void {
    if (this.span) this.host.send({ ...this.about('q:chats'), before: this.span.from })
  }

  /** Says something to everybody, or to one person. */
  say(text: string, to: string, mentions: readonly string[]): void {
    const id = Array.from({ length: 4 }, () => this.schedule.random().toString(36).slice(2, 8))
    const message = { id: id.join(''), text, to, mentions, known: null }
    this.told = Number.NEGATIVE_INFINITY
    this.wait([...this.unsaid, message])
    this.sendWaiting()
  }

  /** Gives up a message that the server does not take. */
  forget(id: string): void {
    this.wait(this.unsaid.filter((message) => message.id !== id))
  }

  /** The user is writing something, for everybody or for one person. */
  writing(to: string): void {
    const now = this.schedule.now()
    if (now - this.told < TELL_EVERY) return
    this.told = now
    this.host.send({ ...this.about('q:typing'), m: { name: this.host.me.name, to } })
  }

  /** Takes what the server said; anything that is not of this conversation is passed over. */
  received(raw: Readonly<Record<string, unknown>>): void {
    if (raw.a === 'q:chats' && !raw.error) this.takePage(raw)
    else if (raw.a === 'q:chat' && raw.error) this.takeRefusal(text(raw.id))
    else if (raw.a === 'q:chat') this.take(saidIn(raw))
    else if (raw.a === 'q:typing') this.takeTyping(text(raw.person), text(raw.name))
    this.host.changed()
  }

  private about<A extends 'q:chat' | 'q:chats' | 'q:typing'>(a: A) {
    return { a, c: COLLECTION, d: this.host.document }
  }

  private takePage(raw: Readonly<Record<string, unknown>>): void {
    const [from, to] = [number(raw.from), number(raw.to)]
    const page = (Array.isArray(raw.messages) ? raw.messages : []).map(saidIn)
    this.person = text(raw.me)
    if (!this.span || from > this.span.to) {
      // The first page; or more was missed than is sent, and what was here is too far back.
      this.span = { from, to }
      this.said = page
    } else {
      this.span = { from: Math.min(from, this.span.from), to: Math.max(to, this.span.to) }
      this.said = merged(this.said, page)
    }
    for (const { person, id } of page) this.arrived(person, id)
    this.sendWaiting()
  }

  private take(message: Said): void {
    this.arrived(message.person, message.id)
    const typists = new Map(this.typists)
    if (typists.delete(message.person)) this.typists = typists
    // Before the first page it would be a message without those before it.
    if (!this.span || message.n < this.span.from) return
    this.span = { ...this.span, to: Math.max(this.span.to, message.n + 1) }
    this.said = merged(this.said, [message])
  }

  private arrived(person: string, id: string): void {
    if (person !== this.person || !this.unsaid.some((message) => message.id === id)) return
    this.wait(this.unsaid.filter((message) => message.id !== id))
  }

  private takeRefusal(id: string): void {
    this.wait(this.unsaid.map((m) => (m.id === id ? { ...m, refused: true } : m)))
  }

  private takeTyping(person: string, name: string): void {
    const until = this.schedule.now() + TYPING_FOR
    this.typists = new Map(this.typists).set(person, { name, until })
    this.cancelTyping()
    this.cancelTyping = this.schedule.after(TYPING_FOR, () => {
      const now = this.schedule.now()
      this.typists = new Map([...this.typists].filter(([, typist]) => typist.until > now))
      this.host.changed()
    })
  }

  private wait(unsaid: readonly Unsaid[]): void {
    this.unsaid = unsaid
    this.host.keep(unsaid)
    this.host.changed()
  }

  /** Sends what waits, in order. What was sent before is sent again: a copy is recognised. */
  private sendWaiting(): void {
    if (!this.span) return
    const { to: known } = this.span
    this.wait(this.unsaid.map((message) => ({ ...message, known: message.known ?? known })))
    for (const { id, known: v, refused, ...m } of this.unsaid) {
      const { name, color } = this.host.me
      if (!refused) this.host.send({ ...this.about('q:chat'), id, v, m: { ...m, name, color } })
    }
  }
}

function merged(here: readonly Said[], more: readonly Said[]): Said[] {
  const all = new Map(here.map((message) => [message.n, message]))
  for (const message of more) all.set(message.n, message)
  return [...all.values()].sort((a, b) => a.n - b.n)
}

const text = (value: unknown) => (typeof value === 'string' ? value : '')
const number = (value: unknown) => (typeof value === 'number' ? value : 0)

function saidIn(value: unknown): Said {
  const raw = (value ?? {}) as Readonly<Record<string, unknown>>
  const color = text(raw.color)
  return {
    n: number(raw.n),
    at: number(raw.at),
    person: text(raw.person),
    id: text(raw.id),
    text: text(raw.text),
    name: text(raw.name).trim().slice(0, 60),
    // Strangers may send anything: a colour must be one.
    color: /^#[0-9a-f]{6}$/i.test(color) ? color : '#6b7280',
    to: text(raw.to),
    mentions: Array.isArray(raw.mentions) ? raw.mentions.map(text) : [],
  }
}
