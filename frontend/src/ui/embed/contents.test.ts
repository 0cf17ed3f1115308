import { expect, test } from 'vitest'
import { deltaFrom } from './contents'

test('a delta is taken as a list or with its ops', () => {
  const ops = [
    { retain: 2, attributes: { bold: null } },
    { insert: { image: 'x' } },
    { insert: 'a' },
    { delete: 1 },
  ]
  expect(deltaFrom(ops)).toEqual(ops)
  expect(deltaFrom({ ops })).toEqual(ops)
})

test('what is no delta is refused', () => {
  for (const said of [
    undefined,
    null,
    'text',
    5,
    {},
    { ops: null },
    [null],
    ['a'],
    [[]],
    [{}],
    [{ insert: '' }],
    [{ insert: 5 }],
    [{ insert: ['a'] }],
    [{ insert: null }],
    [{ insert: 'a\r\n' }],
    [{ retain: 0 }],
    [{ retain: -1 }],
    [{ retain: 1.5 }],
    [{ retain: Number.NaN }],
    [{ retain: 2 ** 53 }],
    [{ retain: '1' }],
    [{ delete: {} }],
    [{ insert: 'a', delete: 1 }],
    [{ insert: 'a', attributes: 'bold' }],
    [{ insert: 'a', attributes: null }],
  ]) {
    expect(() => deltaFrom(said), JSON.stringify(said)).toThrow('not a delta')
  }
})
