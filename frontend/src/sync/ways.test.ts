import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Random } from '../testing/random'
import type { Socket } from './connection'
import { VirtualSchedule } from './testing/virtual-schedule'
import { Ways } from './ways'

/** A network that passes WebSocket, refuses it, or swallows it; and a server that is there or not. */
const network = { sockets: 'pass' as 'pass' | 'refuse' | 'swallow', server: true }
const tried: string[] = []

class BrowserSocket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  constructor() {
    tried.push('socket')
    queueMicrotask(() => queueMicrotask(() => this.arrive()))
  }
  private arrive(): void {
    if (network.sockets === 'swallow') return
    if (network.sockets === 'refuse' || !network.server) this.onclose?.({ code: 1006 })
    else {
      this.onopen?.()
      this.onmessage?.({ data: '{"a":"pp"}' })
    }
  }
  send(): void {}
  close(): void {}
}

const memory = new Map<string, string>()
/** What listens for the browser's being online again. */
const listeners: (() => void)[] = []
const comeOnline = () => {
  for (const listen of listeners) listen()
}

beforeEach(() => {
  tried.length = 0
  memory.clear()
  Object.assign(network, { sockets: 'pass', server: true })
  vi.stubGlobal('WebSocket', BrowserSocket)
  vi.stubGlobal('location', { protocol: 'https:', host: 'docs.example' })
  vi.stubGlobal('navigator', {})
  listeners.length = 0
  vi.stubGlobal('addEventListener', (name: string, listener: () => void) => {
    if (name === 'online') listeners.push(listener)
  })
  vi.stubGlobal('removeEventListener', () => {})
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => memory.get(key) ?? null,
    setItem: (key: string, value: string) => memory.set(key, value),
    removeItem: (key: string) => memory.delete(key),
  })
  vi.stubGlobal('fetch', async (_: string, { method }: RequestInit) => {
    if (method === 'POST') tried.push('http')
    if (!network.server) throw new TypeError('failed to fetch')
    if (method === 'POST') return Response.json({ stream: 's', received: 0 }, { status: 201 })
    return await new Promise(() => {})
  })
})

afterEach(() => vi.unstubAllGlobals())

/** Opens a line and returns whether it opened or ended. */
function opened(ways: Ways): { socket: Socket; outcome: Promise<'open' | 'end'> } {
  const socket = ways.open('doc')
  const outcome = new Promise<'open' | 'end'>((resolve) => {
    socket.onopen = () => resolve('open')
    socket.onclose = () => resolve('end')
  })
  return { socket, outcome }
}

const newWays = (schedule = new VirtualSchedule(new Random(1)), better = () => {}) =>
  new Ways(better, schedule)

/** Finds out that WebSocket is refused, and goes on over HTTP. */
async function fallBack(ways: Ways): Promise<void> {
  await opened(ways).outcome
  await opened(ways).outcome
  await vi.waitFor(() => expect(memory.size).toBe(1))
}

describe('the way to the server', () => {
  test('is WebSocket where that passes', async () => {
    const ways = newWays()
    for (let i = 0; i < 3; i++) expect(await opened(ways).outcome).toBe('open')
    expect(tried).toEqual(['socket', 'socket', 'socket'])
  })

  test('is HTTP after WebSocket was refused once, which the next page remembers', async () => {
    network.sockets = 'refuse'
    const ways = newWays()
    expect(await opened(ways).outcome).toBe('end')
    expect(await opened(ways).outcome).toBe('open')
    await vi.waitFor(() => expect(memory.size).toBe(1))
    expect(await opened(newWays()).outcome).toBe('open')
    expect(tried).toEqual(['socket', 'http', 'http'])
  })

  test('is HTTP after a WebSocket that says nothing for three seconds', async () => {
    network.sockets = 'swallow'
    const schedule = new VirtualSchedule(new Random(1))
    const ways = newWays(schedule)
    const first = opened(ways)
    schedule.advance(3_000)
    expect(await first.outcome).toBe('end')
    expect(await opened(ways).outcome).toBe('open')
  })

  test('is still WebSocket when the server was only away', async () => {
    network.server = false
    const ways = newWays()
    expect(await opened(ways).outcome).toBe('end')
    expect(await opened(ways).outcome).toBe('end')
    network.server = true
    expect(await opened(ways).outcome).toBe('open')
    expect(tried).toEqual(['socket', 'http', 'socket'])
    expect(memory.size).toBe(0)
  })

  test('is WebSocket again once that passes', async () => {
    network.sockets = 'refuse'
    const schedule = new VirtualSchedule(new Random(1))
    let better = 0
    const ways = newWays(schedule, () => better++)
    await fallBack(ways)
    network.sockets = 'pass'
    schedule.advance(300_000)
    await vi.waitFor(() => expect(better).toBe(1))
    expect(memory.size).toBe(0)
    expect(await opened(ways).outcome).toBe('open')
    expect(tried.at(-1)).toBe('socket')
  })

  test('is looked for at once in a new network, and by one search at a time', async () => {
    network.sockets = 'refuse'
    const schedule = new VirtualSchedule(new Random(1))
    let better = 0
    const ways = newWays(schedule, () => better++)
    await fallBack(ways)
    tried.length = 0
    comeOnline()
    comeOnline()
    await vi.waitFor(() => expect(tried).toEqual(['socket']))
    network.sockets = 'pass'
    await new Promise((resolve) => setTimeout(resolve)) // the refusal arrives
    comeOnline()
    await vi.waitFor(() => expect(better).toBe(1))
    expect(await opened(ways).outcome).toBe('open')
    tried.length = 0
    comeOnline()
    schedule.advance(600_000)
    expect(tried).toEqual([])
    expect(better).toBe(1)
  })

  test('is not forgotten an hour longer by each page that is opened', async () => {
    const soon = Date.now() + 60_000
    memory.set('quire-no-websocket', JSON.stringify([soon, '']))
    expect(await opened(newWays()).outcome).toBe('open')
    expect(tried).toEqual(['http'])
    expect(JSON.parse(memory.get('quire-no-websocket') ?? '')).toEqual([soon, ''])
  })
})
