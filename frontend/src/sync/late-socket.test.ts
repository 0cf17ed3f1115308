import { describe, expect, test } from 'vitest'
import type { Socket } from './connection'
import { LateSocket } from './late-socket'

class Plain implements Socket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  closed = false
  send(): void {}
  close(): void {
    this.closed = true
  }
}

async function scene() {
  const socket = new Plain()
  const late = new LateSocket(() => Promise.resolve(socket))
  const events: string[] = []
  late.onopen = () => events.push('open')
  late.onmessage = ({ data }) => events.push(`message ${data}`)
  late.onclose = ({ code }) => events.push(`close ${code}`)
  late.onend = (spoke) => events.push(`end, ${spoke ? 'spoke' : 'silent'}`)
  await Promise.resolve()
  return { socket, late, events }
}

describe('a socket that comes late', () => {
  test('passes on what the other says', async () => {
    const { socket, events } = await scene()
    socket.onopen?.()
    socket.onmessage?.({ data: 'a' })
    socket.onclose?.({ code: 1013 })
    expect(events).toEqual(['open', 'message a', 'end, spoke', 'close 1013'])
  })

  test('tells of an end before the first word, once', async () => {
    const { socket, late, events } = await scene()
    late.fail()
    socket.onclose?.({ code: 1006 })
    late.close()
    expect(events).toEqual(['end, silent', 'close 0'])
    expect(socket.closed).toBe(true)
  })

  test('says nothing more once it is closed', async () => {
    const { socket, late, events } = await scene()
    late.close()
    socket.onmessage?.({ data: 'a' })
    socket.onclose?.({ code: 0 })
    expect(events).toEqual(['end, silent'])
  })

  test('that never comes has ended', async () => {
    const late = new LateSocket(() => Promise.reject(new Error('not loaded')))
    const ended = new Promise((resolve) => {
      late.onclose = resolve
    })
    expect(await ended).toEqual({ code: 0 })
  })

  test('closes what comes after it was closed', async () => {
    const socket = new Plain()
    const late = new LateSocket(() => Promise.resolve(socket))
    late.close()
    await Promise.resolve()
    expect(socket.closed).toBe(true)
  })
})
