import { borne, onBear } from './bearer'
import type { Cancel, Schedule } from './schedule'
import { type Incoming, type Outgoing, parseMessage } from './wire'

/** The part of a WebSocket that a connection needs. */
export interface Socket {
  send(text: string): void
  close(): void
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
}

export interface ConnectionOptions {
  readonly open: () => Socket
  readonly schedule: Schedule
  /** The handshake id of an earlier connection whose unsent work goes on. */
  readonly id?: string
}

export interface ConnectionListener {
  /** The handshake is done; `id` is ours for as long as this client lives. */
  connected(id: string): void
  disconnected(): void
  received(message: Incoming): void
  /** The server will not take our last message: it is larger than its limit. */
  messageTooLarge(): void
}

export type ConnectionState = 'connecting' | 'connected' | 'waiting' | 'closed'

/** Silence after which the server is asked for a sign of life, in ms. */
const QUIET_AFTER = 15_000
/** How long it has to give one, and to complete a handshake, in ms. */
const ANSWER_WITHIN = 8_000
/** The same when there is reason for doubt: the browser said "offline", or woke up. */
const ANSWER_WITHIN_IN_DOUBT = 2_500
const FIRST_RETRY = 250
const LAST_RETRY = 15_000

/** The user may not, or no longer, open the document: nothing changes that by itself. */
export const CLOSE_DENIED = 4403
/** What the page shows has expired: it comes back with something newer. */
export const CLOSE_UNAUTHORIZED = 4401
/** The server's disk is full. */
export const CLOSE_NO_SPACE = 4507
/** Attempts that such an end counts for: coming back at once would only fill the server's log. */
const FULL_ATTEMPTS = 5
const CLOSE_MESSAGE_TOO_BIG = 1009

/**
 * One document's line to the server.
 *
 * Safety: at most one socket is listened to at any time; whatever an abandoned
 * socket still says is ignored. Liveness: unless closed for good, a lost socket
 * always leads to another attempt.
 */
export class Connection {
  state: ConnectionState = 'connecting'
  /** When the next attempt is due (schedule time), while waiting. */
  retryAt = 0
  id: string | null
  /** The close code that the last connection ended with; 0 if it just ended. */
  closedWith = 0
  onStateChange: () => void = () => {}

  private socket: Socket | null = null
  private attempts = 0
  private cancelRetry: Cancel = () => {}
  private cancelWatch: Cancel = () => {}
  /** When the server last said anything, in schedule time. */
  private heardAt = 0
  /** A question waits for its answer. */
  private asked = false

  constructor(
    private readonly options: ConnectionOptions,
    private readonly listener: ConnectionListener,
  ) {
    this.id = options.id ?? null
    // On a socket that there is, the new one takes the place of the old.
    onBear(() => this.send(this.hello) || this.retryNow())
  }

  /** Makes the first attempt. */
  start(): void {
    this.connect()
  }

  /** Sends if connected; answers whether it did. What is not sent must be sent anew by its owner. */
  send(message: Outgoing): boolean {
    if (this.state !== 'connected' || !this.socket) return false
    this.socket.send(JSON.stringify(message))
    return true
  }

  /** Ends the wait for the next attempt, or tries again what was refused. */
  retryNow(): void {
    const denied = this.state === 'closed' && this.closedWith === CLOSE_DENIED
    if (this.state !== 'waiting' && !denied) return
    this.cancelRetry()
    this.attempts = 0
    this.connect()
  }

  /** Asks for a sign of life now: the path may be dead without anyone having said so. */
  doubt(): void {
    if (this.state === 'connected') this.ask(ANSWER_WITHIN_IN_DOUBT)
    else if (this.state === 'waiting') this.retryNow()
  }

  /** Leaves a line that works for a new one. */
  renew(): void {
    if (this.state !== 'connected') return
    this.abandon()
    this.listener.disconnected()
    this.connect()
  }

  /** Ends it for good. */
  close(): void {
    this.cancelRetry()
    this.abandon()
    this.change('closed')
  }

  private get hello(): Outgoing {
    return { a: 'hs', id: this.id, protocol: 1, protocolMinor: 2, token: borne() }
  }

  private change(state: ConnectionState): void {
    this.state = state
    this.onStateChange()
  }

  private connect(): void {
    const socket = this.options.open()
    this.socket = socket
    socket.onopen = () => {
      if (socket === this.socket) socket.send(JSON.stringify(this.hello))
    }
    socket.onmessage = (event) => {
      if (socket === this.socket) this.receive(String(event.data))
    }
    socket.onclose = (event) => {
      if (socket === this.socket) this.lost(event.code)
    }
    this.asked = true
    this.cancelWatch = this.options.schedule.after(ANSWER_WITHIN, () => this.lost())
    this.change('connecting')
  }

  private receive(text: string): void {
    this.heardAt = this.options.schedule.now()
    if (this.asked) this.watch()
    const message = parseMessage(text)
    if (!message) return
    if (message.a === 'hs') this.shakeHands(message.id)
    else if (message.a !== 'pp') this.listener.received(message)
  }

  private shakeHands(id: string): void {
    if (this.state === 'connected') return
    this.id = id
    this.attempts = 0
    this.change('connected')
    this.listener.connected(id)
  }

  /** Browsers cannot send WebSocket pings, so silence is answered with a question. */
  private watch(): void {
    this.cancelWatch()
    this.asked = false
    const left = this.heardAt + QUIET_AFTER - this.options.schedule.now()
    this.cancelWatch = this.options.schedule.after(Math.max(1, left), () => {
      if (this.options.schedule.now() >= this.heardAt + QUIET_AFTER) this.ask(ANSWER_WITHIN)
      else this.watch()
    })
  }

  private ask(patience: number): void {
    this.cancelWatch()
    this.asked = true
    this.cancelWatch = this.options.schedule.after(patience, () => this.lost())
    this.send({ a: 'pp' })
  }

  /** Lets go of the socket without waiting for its close event, which on a dead path never comes. */
  private abandon(): void {
    this.cancelWatch()
    const { socket } = this
    this.socket = null
    socket?.close()
  }

  private lost(code = 0): void {
    const was = this.state
    this.closedWith = code
    this.abandon()
    if (code === CLOSE_NO_SPACE) this.attempts = Math.max(this.attempts, FULL_ATTEMPTS)
    if (code === CLOSE_DENIED) {
      this.change('closed')
      if (was === 'connected') this.listener.disconnected()
      return
    }
    const wait = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** this.attempts++)
    const jittered = wait * (0.5 + this.options.schedule.random())
    this.retryAt = this.options.schedule.now() + jittered
    if (code !== CLOSE_UNAUTHORIZED)
      this.cancelRetry = this.options.schedule.after(jittered, () => this.connect())
    this.change('waiting')
    if (was === 'connected') this.listener.disconnected()
    if (code === CLOSE_MESSAGE_TOO_BIG) this.listener.messageTooLarge()
  }
}
