import { describe, expect, test } from 'vitest'
import { Random } from '../testing/random'
import { bear } from './bearer'
import { Connection, type Socket } from './connection'
import { VirtualSchedule } from './testing/virtual-schedule'

class FakeSocket implements Socket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  readonly sent: string[] = []
  closed = false

  send(text: string): void {
    this.sent.push(text)
  }

  close(): void {
    this.closed = true
  }

  accept(id = 'secret'): void {
    this.onopen?.()
    this.say({ a: 'hs', id, protocol: 1, protocolMinor: 2 })
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
}

function scene() {
  const schedule = new VirtualSchedule(new Random(3))
  const sockets: FakeSocket[] = []
  const events: string[] = []
  const open = () => {
    const socket = new FakeSocket()
    sockets.push(socket)
    return socket
  }
  const connection = new Connection(
    { open, schedule },
    {
      connected: (id) => events.push(`connected ${id}`),
      disconnected: () => events.push('disconnected'),
      received: (message) => events.push(message.a),
      messageTooLarge: () => events.push('too large'),
    },
  )
  connection.start()
  const last = () => sockets.at(-1) as FakeSocket
  return { connection, schedule, sockets, events, last }
}

describe('connection', () => {
  test('stays away where it may not be, until somebody tries again', () => {
    const { connection, schedule, last, events, sockets } = scene()
    last().accept()
    last().onclose?.({ code: 4403 })
    expect(events).toEqual(['connected secret', 'disconnected'])
    connection.doubt()
    schedule.advance(600_000)
    expect(sockets).toHaveLength(1)
    expect(connection.state).toBe('closed')
    connection.retryNow()
    last().accept()
    expect(sockets).toHaveLength(2)
    expect(connection.state).toBe('connected')
  })

  test('asks for its old id when it comes back', () => {
    const { schedule, last, events, sockets } = scene()
    last().accept()
    last().onclose?.({ code: 1012 })
    schedule.advance(1_000)
    expect(sockets).toHaveLength(2)
    last().onopen?.()
    expect(JSON.parse(last().sent[0] as string)).toMatchObject({ a: 'hs', id: 'secret' })
    expect(events).toEqual(['connected secret', 'disconnected'])
  })

  test('notices a dead path by silence, and abandons a socket that never closes', () => {
    const { connection, schedule, sockets, last } = scene()
    last().accept()
    schedule.advance(15_000)
    expect(last().sent.at(-1)).toBe('{"a":"pp"}')
    schedule.advance(8_000)
    expect(connection.state).toBe('waiting')
    expect(sockets[0]?.closed).toBe(true)
    sockets[0]?.say({ a: 'pr' })
    schedule.advance(1_000)
    last().accept()
    expect(connection.state).toBe('connected')
  })

  test('an answer to the question keeps it', () => {
    const { connection, schedule, last } = scene()
    last().accept()
    for (let n = 0; n < 10; n++) {
      schedule.advance(15_000)
      last().say({ a: 'pp' })
    }
    expect(connection.state).toBe('connected')
  })

  test('a server that never shakes hands is given up', () => {
    const { connection, schedule, last } = scene()
    last().onopen?.()
    schedule.advance(8_000)
    expect(connection.state).toBe('waiting')
  })

  test('waits longer after each failure, never longer than 22.5 s, and tries at once when told', () => {
    const { connection, schedule, sockets, last } = scene()
    for (let n = 0; n < 12; n++) {
      last().onclose?.({ code: 1006 })
      expect(connection.retryAt - schedule.now()).toBeLessThanOrEqual(22_500)
      if (n > 8) expect(connection.retryAt - schedule.now()).toBeGreaterThanOrEqual(7_500)
      schedule.advance(connection.retryAt - schedule.now())
    }
    last().onclose?.({ code: 1006 })
    const before = sockets.length
    connection.retryNow()
    expect(sockets).toHaveLength(before + 1)
  })

  test('a server whose disk is full is left alone for a while', () => {
    const { connection, schedule, last } = scene()
    last().accept()
    last().onclose?.({ code: 4507 })
    expect(connection.closedWith).toBe(4507)
    expect(connection.retryAt - schedule.now()).toBeGreaterThanOrEqual(4_000)
  })

  test('somebody who may not open the document does not come back', () => {
    const { connection, schedule, sockets, last } = scene()
    last().onclose?.({ code: 4403 })
    schedule.advance(100_000)
    expect(connection.state).toBe('closed')
    expect(sockets).toHaveLength(1)
  })

  test('whoever has an expired token comes back with another, as the same client', () => {
    const { connection, schedule, sockets, last } = scene()
    bear('first')
    last().accept()
    last().onclose?.({ code: 4401 })
    schedule.advance(100_000)
    expect(sockets).toHaveLength(1)
    bear('second')
    last().accept()
    expect(sockets).toHaveLength(2)
    expect(JSON.parse(last().sent[0] ?? '')).toMatchObject({ id: connection.id, token: 'second' })
    bear('third')
    expect(sockets).toHaveLength(2)
    expect(JSON.parse(last().sent.at(-1) ?? '')).toMatchObject({ a: 'hs', token: 'third' })
    bear('')
  })

  test('a message over the limit is told, so that it is not sent for ever', () => {
    const { events, last } = scene()
    last().accept()
    last().onclose?.({ code: 1009 })
    expect(events).toContain('too large')
  })
})
