import { at } from '../place'
import type { Socket } from './connection'
import { LateSocket } from './late-socket'
import { browserSchedule, type Cancel, type Schedule } from './schedule'

/** How long WebSocket may take to bring a first message, in ms. */
const SPEAKS_WITHIN = 3_000
/** How long it is remembered of a network that WebSocket does not pass, and when it is tried again, in ms. */
const REMEMBERED_FOR = 3_600_000
const TRIED_AGAIN_AFTER = 300_000
/** The same where it did pass before, and how many times it has to fail there: it was rather the server that was away. */
const TRIED_AGAIN_SOON = 20_000
const DOUBTS_AFTER_SUCCESS = 4

const MEMORY = 'quire-no-websocket'

/**
 * How a page gets to the server: by WebSocket, or where that does not pass by HTTP requests.
 *
 * A WebSocket that ends before it has said anything may be blocked, or the server may be away. HTTP tells: if
 * that gets through, WebSocket is blocked here, which is remembered.
 */
export class Ways {
  private blocked = isRemembered()
  /** So many WebSockets in a row have ended without having said anything. */
  private failed = 0
  /** A WebSocket of this page has brought something. */
  private passed = false
  private cancelTry: Cancel = () => {}

  /** `better` is called when WebSocket passes after all. */
  constructor(
    private readonly better: () => void,
    private readonly schedule: Schedule = browserSchedule,
  ) {
    addEventListener('online', () => {
      this.blocked = false // it may be another network
    })
    if (this.blocked) this.tryAgain()
  }

  open(document: string): Socket {
    const doubts = this.passed ? DOUBTS_AFTER_SUCCESS : 1
    if (!this.blocked && this.failed < doubts) return this.bySocket(document)
    this.failed = 0
    return new LateSocket(() => this.byRequests(document))
  }

  private bySocket(document: string): Socket {
    const socket = new WebSocket(socketAddress(document))
    const watched = new LateSocket(() => Promise.resolve(socket as unknown as Socket))
    const cancel = this.schedule.after(SPEAKS_WITHIN, () => watched.fail())
    watched.onend = (spoke) => {
      cancel()
      this.failed = spoke ? 0 : this.failed + 1
    }
    watched.onword = () => {
      cancel()
      this.passed = true
    }
    return watched
  }

  private async byRequests(document: string): Promise<Socket> {
    const { HttpSocket } = await import('./http-socket')
    return new HttpSocket(document, () => {
      if (this.blocked) return
      this.blocked = true
      if (!this.passed) remember()
      this.tryAgain()
    })
  }

  private tryAgain(): void {
    this.cancelTry()
    const wait = this.passed ? TRIED_AGAIN_SOON : TRIED_AGAIN_AFTER
    this.cancelTry = this.schedule.after(wait, () => this.tryNow())
  }

  /** Asks by WebSocket for a sign of life. */
  private tryNow(): void {
    const socket = new WebSocket(socketAddress(''))
    const late = this.schedule.after(SPEAKS_WITHIN, () => socket.close())
    socket.onopen = () => socket.send('{"a":"pp"}')
    socket.onmessage = () => {
      socket.onclose = null
      socket.close()
      late()
      this.blocked = false
      forget()
      this.better()
    }
    socket.onclose = () => {
      late()
      this.tryAgain()
    }
  }
}

const socketAddress = (document: string) =>
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${at(document ? `ws/${encodeURIComponent(document)}` : 'ws')}`

/** The network as far as a page can tell. */
function network(): string {
  const { connection } = navigator as Navigator & { connection?: { type?: string } }
  return connection?.type ?? ''
}

function isRemembered(): boolean {
  try {
    const [until, where] = JSON.parse(localStorage.getItem(MEMORY) ?? '[0]') as [number, string?]
    return until > Date.now() && where === network()
  } catch {
    return false
  }
}

function remember(): void {
  try {
    localStorage.setItem(MEMORY, JSON.stringify([Date.now() + REMEMBERED_FOR, network()]))
  } catch {
    // Where nothing can be kept, it is found out anew each time.
  }
}

function forget(): void {
  try {
    localStorage.removeItem(MEMORY)
  } catch {
    // As above.
  }
}
