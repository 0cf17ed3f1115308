import { describe, expect, test } from 'vitest'
import { parseMessage } from './wire'

describe('messages from the server', () => {
  test('half a surrogate pair survives both ways', () => {
    const message = parseMessage('{"a":"op","v":3,"src":"x","seq":1,"op":[{"insert":"\\ud83d"}]}')
    expect(message).toMatchObject({ change: [{ insert: '\ud83d' }] })
    expect(JSON.stringify({ insert: '\ud83d' })).toBe('{"insert":"\\ud83d"}')
  })

  test('an op may be a list or an object with ops', () => {
    const expected = { a: 'op', revision: 2, change: [{ retain: 1 }, { insert: 'a' }] }
    for (const op of ['[{"retain":1},{"insert":"a"}]', '{"ops":[{"retain":1},{"insert":"a"}]}']) {
      expect(parseMessage(`{"a":"op","v":2,"src":"s","seq":4,"op":${op}}`)).toMatchObject(expected)
    }
  })

  test('many records may come in one message', () => {
    const op = '{"a":"op","v":2,"src":"s","seq":4,"op":[{"insert":"a"}]}'
    const bundle = parseMessage(`{"a":"q:ops","ops":[${op},7,${op}]}`)
    expect(bundle).toEqual({ a: 'q:ops', ops: [parseMessage(op), parseMessage(op)] })
    expect(parseMessage('{"a":"q:ops"}')).toBeUndefined()
  })

  test('an acknowledgement has no change', () => {
    const ack = parseMessage('{"a":"op","v":2,"src":"s","seq":4}')
    expect(ack).toEqual({ a: 'op', revision: 2, src: 's', seq: 4, created: false, deleted: false })
  })

  test('a missing document is told from an empty one', () => {
    const missing = parseMessage('{"a":"s","c":"documents","d":"x","data":{"v":0,"type":null}}')
    expect(missing).toEqual({ a: 's', snapshot: { revision: 0, content: null } })
    const empty = parseMessage('{"a":"s","data":{"v":1,"type":"rich-text","data":[]}}')
    expect(empty).toEqual({ a: 's', snapshot: { revision: 1, content: [] } })
  })

  test('an error always has a code', () => {
    expect(
      parseMessage('{"a":"op","v":1,"src":"s","seq":1,"error":{"message":"no"}}'),
    ).toMatchObject({
      error: { code: 'ERR_UNKNOWN_ERROR', message: 'no' },
    })
  })

  test.each([
    'not JSON',
    'null',
    '[]',
    '"text"',
    '{"a":"q:weather","text":"hi"}',
    '{"a":"hs","error":{"code":"x"}}',
    '{"a":"q:hello","kind":"film"}',
    '{"a":"p","id":4}',
  ])('what it cannot use it leaves alone: %s', (text) => {
    expect(parseMessage(text)).toBeUndefined()
  })
})
