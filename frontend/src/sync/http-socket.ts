import { at } from '../place'
import { authorized } from './bearer'
import { CLOSE_UNAUTHORIZED, type Socket } from './connection'

/** The type of a request's messages, one in each line. */
const MESSAGES = 'application/x-ndjson'
/** How long events may take to show a first sign of life, in ms; what stands in between may hold them back. */
const EVENTS_WITHIN = 2_500
/** How long to wait before a request that failed is made again, in ms. After the last the line counts as lost. */
const REPEATS = [200, 600, 1_500]
/** How long to wait before events that ended are asked for again, in ms: what stands in between may cut them at once. */
const AFTER_EVENTS = 200
/** About how many UTF-16 code units go into one request. */
const REQUEST_UNITS = 1 << 20

/** The server's limit for one message. */
const CLOSE_MESSAGE_TOO_BIG = 1009

/** Whether events have been found not to arrive here: then messages are asked for one batch at a time. */
let eventsHeldBack = false

interface Batch {
  readonly messages: readonly unknown[]
}

/**
 * The protocol's messages in HTTP requests, for where WebSocket does not pass. The server numbers what it
 * says, and so do we: a request that fails is made again, and nothing is lost or taken twice.
 */
export class HttpSocket implements Socket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null

  /** The address of our stream, once it is open, and what shows that it is ours. */
  private address = ''
  private key = ''
  /** Messages that the server has not taken yet, and the number of the last that it has. */
  private waiting: string[] = []
  private taken = 0
  /** The number of the last message that we have. */
  private has = 0
  private writing = false
  private ended = false
  private readonly ending = new AbortController()

  /** `opened` is called when the server has let us in. */
  constructor(document: string, opened: () => void) {
    addEventListener('pagehide', this.leave)
    void this.open(document, opened)
  }

  send(text: string): void {
    this.waiting.push(text)
    void this.write()
  }

  close(): void {
    if (this.ended) return
    this.leave()
    this.end()
  }

  private async open(document: string, opened: () => void): Promise<void> {
    const answer = await this.ask(
      'POST',
      `${at('stream')}?document=${encodeURIComponent(document)}`,
    )
    if (!answer) return
    const opening = await read<{ stream: string; key: string }>(answer)
    if (!opening) {
      this.end()
      return
    }
    this.key = opening.key
    this.address = at(`stream/${opening.stream}`)
    if (this.ended) {
      this.leave()
      return
    }
    opened()
    this.onopen?.()
    void this.write()
    void this.read()
  }

  /** Tells the server that we are gone, so that nobody sees us any more. */
  private readonly leave = (): void => {
    if (this.address) {
      const goodbye = { method: 'DELETE', keepalive: true, headers: { 'stream-key': this.key } }
      void fetch(this.address, authorized(goodbye)).catch(() => {})
    }
  }

  private end(code = 0): void {
    if (this.ended) return
    this.ended = true
    this.ending.abort()
    removeEventListener('pagehide', this.leave)
    this.onclose?.({ code })
  }

  /** Sends what waits, one request at a time: so they cannot overtake each other. */
  private async write(): Promise<void> {
    if (this.writing || !this.address) return
    this.writing = true
    while (this.waiting.length > 0 && !this.ended) {
      const messages = this.nextRequest()
      const place = `${this.address}?first=${this.taken + 1}&has=${this.has}`
      if (!(await this.ask('POST', place, messages.join('\n')))) return
      this.taken += messages.length
      this.waiting.splice(0, messages.length)
    }
    this.writing = false
  }

  private nextRequest(): string[] {
    let units = 0
    const enough = this.waiting.findIndex((message) => {
      units += message.length
      return units > REQUEST_UNITS
    })
    return this.waiting.slice(0, enough < 0 ? undefined : Math.max(1, enough))
  }

  private async read(): Promise<void> {
    while (!this.ended) {
      if (eventsHeldBack) await this.poll()
      else {
        await this.listen()
        await rest(AFTER_EVENTS)
      }
    }
  }

  private async poll(): Promise<void> {
    const answer = await this.ask('GET', `${this.address}?has=${this.has}`)
    if (!answer) return
    const batch = await read<Batch>(answer)
    if (!batch) await rest(AFTER_EVENTS) // the line broke; the next request brings the same again
    for (const message of batch?.messages ?? []) this.hear(JSON.stringify(message))
  }

  /** Reads events until they end, however that comes. */
  private async listen(): Promise<void> {
    const patience = new AbortController()
    const timer = setTimeout(() => {
      eventsHeldBack = true
      patience.abort()
    }, EVENTS_WITHIN)
    try {
      const wanted = { accept: 'text/event-stream', 'last-event-id': String(this.has) }
      const signal = AbortSignal.any([this.ending.signal, patience.signal])
      const answer = await this.ask('GET', this.address, undefined, wanted, signal)
      if (!answer?.body) return
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
      for (let text = ''; ; ) {
        const { value, done } = await reader.read()
        if (done) return
        clearTimeout(timer)
        const events = (text + value).split('\n\n')
        text = events.pop() ?? ''
        for (const event of events) this.hearEvent(event)
      }
    } catch {
      // The line broke; what was missed comes with the next request.
    } finally {
      clearTimeout(timer)
    }
  }

  private hearEvent(event: string): void {
    const field = (name: string) =>
      event
        .split('\n')
        .filter((line) => line.startsWith(`${name}: `))
        .map((line) => line.slice(name.length + 2))
        .join('\n')
    const data = field('data')
    if (field('event') === 'close') this.end((JSON.parse(data) as { code: number }).code)
    else if (data) this.hear(data)
  }

  private hear(data: string): void {
    if (this.ended) return
    this.has++
    this.onmessage?.({ data })
  }

  /** Makes a request, again if need be. Answers null when the line is lost: then it has ended. */
  private async ask(
    method: string,
    address: string,
    body?: string,
    wanted: Record<string, string> = {},
    signal = this.ending.signal,
  ): Promise<Response | null> {
    const headers = {
      ...wanted,
      ...(this.key && { 'stream-key': this.key }),
      ...(body !== undefined && { 'content-type': MESSAGES }),
    }
    const request = authorized({ method, signal, headers, ...(body !== undefined && { body }) })
    for (const wait of [...REPEATS, null]) {
      const answer = await fetch(address, request).catch(() => null)
      if (this.ended || signal.aborted) return null
      if (answer?.ok) return answer
      const passing = !answer || answer.status >= 500
      if (!passing || wait === null || !this.address) {
        this.end(answer ? await closeCode(answer) : 0)
        return null
      }
      await rest(wait)
    }
    return null
  }
}

const rest = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** What an answer says, or null if it was cut off. */
const read = <T>(answer: Response): Promise<T | null> => answer.json().catch(() => null)

/** With which code the line has ended that an answer refuses. */
async function closeCode(answer: Response): Promise<number> {
  if (answer.status === 413) return CLOSE_MESSAGE_TOO_BIG
  if (answer.status === 401) return CLOSE_UNAUTHORIZED
  return (await read<{ closeCode?: number }>(answer))?.closeCode ?? 0
}
