import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HttpSocket } from './http-socket'

/** What the server answers, one after the other; the last is held for ever. */
let answers: ((request: RequestInit) => Response)[] = []
const asked: string[] = []

beforeEach(() => {
  vi.useFakeTimers()
  asked.length = 0
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('removeEventListener', () => {})
  vi.stubGlobal('fetch', async (address: string, request: RequestInit) => {
    asked.push(`${request.method} ${address}`)
    const answer = answers.shift()
    return answer ? answer(request) : await new Promise(() => {})
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const letIn = () => Response.json({ stream: 's', key: 'k' }, { status: 201 })
const cutOff = () =>
  new Response('{"first":1,"mess', { headers: { 'content-type': 'application/json' } })
/** Events that something in between holds back, until the request is given up. */
const eventsHeldBack = ({ signal }: RequestInit) => {
  const start = (body: ReadableStreamDefaultController) =>
    signal?.addEventListener('abort', () => body.error(signal.reason))
  return new Response(new ReadableStream({ start }))
}

function line() {
  const events: string[] = []
  const socket = new HttpSocket('doc', () => events.push('let in'))
  socket.onmessage = ({ data }) => events.push(String(data))
  socket.onclose = ({ code }) => events.push(`end ${code}`)
  return { socket, events }
}

describe('a line of HTTP requests', () => {
  test('ends, so that another is opened, when the answer that opens it is cut off', async () => {
    answers = [cutOff]
    const { events } = line()
    await vi.advanceTimersByTimeAsync(10)
    expect(events).toEqual(['end 0'])
  })

  test('asks again for messages whose answer is cut off', async () => {
    const messages = () => Response.json({ first: 1, messages: [{ a: 'pp' }] })
    answers = [letIn, eventsHeldBack, cutOff, messages]
    const { socket, events } = line()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(events).toEqual(['let in', '{"a":"pp"}'])
    expect(asked.filter((request) => request.includes('has=0'))).toHaveLength(2)
    socket.close()
  })
})
