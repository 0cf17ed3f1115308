import WebSocket from 'ws'

const RICH_TEXT = 'http://sharejs.org/types/rich-text/v1'

/** Somebody who types letters into a document, and whose caret others see. They do not look at what others write. */
export class Typist {
  private seq = 1
  private moves = 0
  private timer: ReturnType<typeof setInterval> | undefined
  private version = 0
  private src = ''
  private busy = false

  private constructor(
    private readonly socket: WebSocket,
    private readonly document: string,
    private readonly name: string,
    private at: number,
  ) {}

  /** Joins a document whose version is known, with the caret at a position. */
  static join(url: string, document: string, name: string, at: number): Promise<Typist> {
    const typist = new Typist(new WebSocket(url), document, name, at)
    return new Promise((resolve, reject) => {
      typist.socket.on('error', reject)
      typist.socket.on('open', () =>
        typist.send({ a: 'hs', id: null, protocol: 1, protocolMinor: 2 }),
      )
      typist.socket.on('message', (data) => typist.receive(String(data), () => resolve(typist)))
    })
  }

  /** Types a letter every so many ms. */
  type(every: number): void {
    this.timer = setInterval(() => this.press(), every)
  }

  leave(): void {
    clearInterval(this.timer)
    this.socket.close()
  }

  private press(): void {
    if (this.busy) return
    this.busy = true
    const { document: d, src, version: v } = this
    const op = [{ retain: this.at }, { insert: 'x' }]
    this.send({ a: 'op', c: 'documents', d, v, src, seq: this.seq++, x: {}, op })
    this.at++
  }

  private receive(text: string, joined: () => void): void {
    const message = JSON.parse(text) as { a: string; id?: string; v?: number; src?: string }
    if (message.a === 'hs') {
      this.src = message.id ?? ''
      this.send({ a: 'f', c: 'documents', d: this.document, v: null })
    } else if (message.a === 'f') {
      this.version = (JSON.parse(text) as { data: { v: number } }).data.v
      this.point()
      joined()
    } else if (message.a === 'op') {
      this.version = (message.v ?? 0) + 1
      this.busy = false
      this.point()
    }
  }

  private point(): void {
    const p = { index: this.at, length: 0, name: this.name, color: '#1774d0' }
    const { document: d, version: v, name: id } = this
    const ch = `documents.${d}`
    this.send({ a: 'p', ch, id, p, pv: this.moves++, c: 'documents', d, v, t: RICH_TEXT })
  }

  private send(message: object): void {
    this.socket.send(JSON.stringify(message))
  }
}
