import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Host } from './host'

/** A window around the frame, as far as the frame sees it. */
const parent = { said: [] as unknown[], postMessage: (said: unknown) => parent.said.push(said) }
let listeners: ((event: object) => void)[] = []

beforeEach(() => {
  parent.said = []
  listeners = []
  vi.stubGlobal('parent', parent)
  vi.stubGlobal('addEventListener', (_: string, hear: () => void) => listeners.push(hear))
  vi.stubGlobal('removeEventListener', (_: string, hear: () => void) => {
    listeners = listeners.filter((other) => other !== hear)
  })
})
afterEach(() => vi.unstubAllGlobals())

const WIKI = 'https://wiki.example'

/** A frame, and the ways to answer its greeting. */
function scene() {
  const host = new Host([WIKI, 'https://intranet.example'])
  host.offer({ double: (n) => 2 * (n as number), fail: () => Promise.reject(new Error('no')) })
  const { nonce } = parent.said[0] as { nonce: string }
  const connect = { quire: 1, type: 'connect', nonce, config: { theme: 'dark' } }
  const answer = (change: object = {}, data: object = connect) => {
    const { port1, port2 } = new MessageChannel()
    const event = { source: parent, origin: WIKI, ports: [port2], data, ...change }
    for (const hear of listeners) hear(event)
    return port1
  }
  const ask = (port: MessagePort, said: unknown) => {
    const heard = new Promise((resolve) => {
      port.onmessage = ({ data }) => resolve(data)
    })
    port.postMessage(said)
    return heard
  }
  return { host, nonce, connect, answer, ask }
}

test('the frame greets everybody, and believes only those who may embed it', async () => {
  const { host, connect, answer } = scene()
  expect(parent.said).toEqual([{ quire: 1, type: 'hello', nonce: expect.any(String) }])
  for (const change of [
    { origin: 'https://evil.example' },
    { origin: 'https://wiki.example.evil.example' },
    { origin: 'null' },
    { source: {} },
    { ports: [] },
  ]) {
    answer(change)
  }
  for (const data of [
    { ...connect, nonce: 'another' },
    { ...connect, quire: 2 },
    { ...connect, type: 'hello' },
    { ...connect, config: null },
    'connect',
    null,
  ]) {
    answer({}, data as object)
  }
  expect(host.origin).toBe('')
  answer({ origin: 'https://intranet.example' })
  expect(await host.connected).toEqual({ theme: 'dark' })
  expect(host.origin).toBe('https://intranet.example')
})

test('a nonce that is replayed, and with it a second port, is refused', async () => {
  const { host, answer, ask } = scene()
  const first = answer()
  const second = answer()
  const heard: unknown[] = []
  second.onmessage = ({ data }) => heard.push(data)
  second.postMessage({ id: 1, method: 'double', params: 4 })
  host.tell('title', { title: 'x' })
  expect(await ask(first, { id: 1, method: 'double', params: 4 })).toEqual({
    event: 'title',
    data: { title: 'x' },
  })
  expect(await ask(first, { id: 2, method: 'double', params: 5 })).toEqual({ id: 1, result: 8 })
  expect(heard).toEqual([])
  first.close()
  second.close()
})

test('what is no method of the frame, is unknown', async () => {
  const { answer, ask } = scene()
  const port = answer()
  for (const method of ['x', '__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    expect(await ask(port, { id: 7, method })).toMatchObject({
      id: 7,
      error: { code: 'unknown-method' },
    })
  }
  expect(await ask(port, { id: 8, method: 'fail' })).toMatchObject({
    error: { code: 'bad-request' },
  })
  for (const said of [null, 'double', { method: 'double' }, { id: '1', method: 'double' }])
    port.postMessage(said)
  expect(await ask(port, { id: 9, method: 'double', params: 1 })).toEqual({ id: 9, result: 2 })
  port.close()
})
