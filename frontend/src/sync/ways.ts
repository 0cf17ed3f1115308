import { at } from '../place'
import type { Socket } from './connection'
import { LateSocket } from './late-socket'
import { browserSchedule, type Schedule } from './schedule'
import type { WayBack } from './way-back'

/** How long WebSocket may take to bring a first message, in ms. */
export const SPEAKS_WITHIN = 3_000
/** How many WebSockets have to fail where one did pass before: it is rather the server that is away. */
const DOUBTS_AFTER_SUCCESS = 4

/** Under which name a device remembers that WebSocket does not pass: until when, and in which network. */
export const MEMORY = 'quire-no-websocket'

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
  /** Looks for WebSocket while it is blocked. */
  private back: Promise<WayBack> | null = null

  /** `better` is called when WebSocket passes after all. */
  constructor(
    private readonly better: () => void,
    private readonly schedule: Schedule = browserSchedule,
  ) {
    addEventListener('online', () => {
      void this.back?.then((back) => back.tryNow()) // it may be another network
    })
    if (this.blocked) this.wayBack()
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
      this.wayBack()
    })
  }

  private wayBack(): void {
    this.blocked = true
    this.back = import('./way-back').then(
      ({ WayBack }) => new WayBack(this.passed, this.schedule, () => this.found()),
    )
  }

  private found(): void {
    this.blocked = false
    this.back = null
    this.better()
  }
}

export const socketAddress = (document: string) =>
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${at(document ? `ws/${encodeURIComponent(document)}` : 'ws')}`

/** The network as far as a page can tell. */
export function network(): string {
  const { connection } = navigator as Navigator & { connection?: { type?: string } }
  return connection?.type ?? ''
}

/** Whether WebSocket is known not to pass here. */
export function isRemembered(): boolean {
  try {
    const [until, where] = JSON.parse(localStorage.getItem(MEMORY) ?? '[0]') as [number, string?]
    return until > Date.now() && where === network()
  } catch {
    return false
  }
}
