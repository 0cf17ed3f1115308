import { compose, type Delta, transform } from '../../delta'

interface LogRecord {
  readonly src: string
  readonly seq: number
  readonly change: Delta
}

interface Message {
  a: string
  [field: string]: unknown
}

/** One socket as the server sees it. */
export class ModelSession {
  id = ''
  subscribed = false
  bundles = false
  presences = new Map<string, Message>()
  onPresence = false
  constructor(readonly send: (message: Message) => void) {}
}

/** What others may see of a handshake id. */
export const publicName = (id: string) => `hash-of-${id}`

/**
 * A small faithful server for one document: ShareDB's order of messages, the
 * committed op wins ties, submissions known by (src, seq) whatever revision
 * they claim.
 */
export class ModelServer {
  content: Delta
  readonly log: LogRecord[] = []
  readonly sessions = new Set<ModelSession>()
  /** Refuses a submission by answering an error code. */
  refuse: (change: Delta) => string | undefined = () => undefined
  private ids = 0

  constructor(content: Delta) {
    this.content = content
  }

  open(send: (message: Message) => void): ModelSession {
    const session = new ModelSession(send)
    this.sessions.add(session)
    return session
  }

  close(session: ModelSession): void {
    this.sessions.delete(session)
    for (const [id, last] of session.presences) {
      this.toOthers(session, { ...last, id, p: null })
    }
  }

  receive(session: ModelSession, message: Message): void {
    if (message.a === 'hs') {
      session.id = (message.id as string | null) ?? `secret-${++this.ids}`
      session.send({ a: 'hs', protocol: 1, protocolMinor: 2, id: session.id })
    } else if (message.a === 'pp') session.send({ a: 'pp' })
    else if (message.a === 'q:hello') {
      session.bundles = message.bundles === true
      session.send({ ...message, kind: 'rich', title: 'T', maxMessageBytes: 1 << 20 })
    } else if (message.a === 's' || message.a === 'f') this.fetch(session, message)
    else if (message.a === 'op') this.submit(session, message)
    else if (message.a === 'ps') {
      session.onPresence = true
      session.send(message)
      this.toOthers(session, { a: 'pr', ch: message.ch })
    } else if (message.a === 'p') this.present(session, message)
  }

  private fetch(session: ModelSession, message: Message): void {
    if (message.a === 's') session.subscribed = true
    if (message.v === null) {
      const data = { v: this.log.length, type: 'rich-text', data: this.content }
      session.send({ ...message, v: undefined, data })
      return
    }
    this.sendFrom(session, message.v as number)
    session.send({ a: message.a, c: message.c, d: message.d })
  }

  private sendFrom(session: ModelSession, from: number): void {
    const ops = this.log.slice(from).map((_, n) => this.opMessage(session, from + n))
    if (session.bundles && ops.length > 1) session.send({ a: 'q:ops', ops })
    else for (const op of ops) session.send(op)
  }

  private opMessage(session: ModelSession, v: number): Message {
    const { src, seq, change } = this.log[v] as LogRecord
    const shown = src === session.id ? src : publicName(src)
    return { a: 'op', c: 'documents', d: 'D', v, src: shown, seq, op: change }
  }

  private submit(session: ModelSession, message: Message): void {
    const { c, d } = message
    const src = message.src as string
    const seq = message.seq as number
    const result = this.admit(session, src, seq, message.v as number, message.op as Delta)
    if (typeof result === 'number') session.send({ a: 'op', c, d, src, seq, v: result })
    else session.send({ a: 'op', c, d, src, seq, v: message.v, error: result })
  }

  /** Answers the revision the submission has, or why it gets none. */
  private admit(session: ModelSession, src: string, seq: number, from: number, submitted: Delta) {
    const fail = (code: string) => ({ code, message: code })
    const first = this.log.findIndex((record) => record.src === src && record.seq === seq)
    if (first >= 0 && from > first) return fail('ERR_OP_ALREADY_SUBMITTED')
    if (from > this.log.length) return fail('ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT')
    const code = first < 0 && this.refuse(submitted)
    if (code) return fail(code)
    this.sendFrom(session, from)
    if (first >= 0) return first
    let change = submitted
    for (const record of this.log.slice(from)) change = transform(record.change, change, true)
    this.commit({ src, seq, change }, session)
    return this.log.length - 1
  }

  /** Appends a record and tells everybody but its author. */
  commit(record: LogRecord, author?: ModelSession): void {
    this.content = compose(this.content, record.change)
    this.log.push(record)
    for (const session of this.sessions) {
      if (session === author || !session.subscribed || session.id === record.src) continue
      session.send(this.opMessage(session, this.log.length - 1))
    }
  }

  private present(session: ModelSession, message: Message): void {
    session.presences.set(message.id as string, message)
    session.send({ ...message, src: session.id })
    this.toOthers(session, message)
  }

  private toOthers(session: ModelSession, message: Message): void {
    for (const other of this.sessions) {
      if (other === session || !other.onPresence) continue
      other.send(message.a === 'p' ? { ...message, src: publicName(session.id) } : message)
    }
  }
}
