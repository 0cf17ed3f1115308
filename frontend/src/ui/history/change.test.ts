import { expect, test } from 'vitest'
import { compose, type Delta, lengthOf } from '../../delta'
import { changeBetween } from './change'

const bold = { bold: true }

const CONTENTS: readonly Delta[] = [
  [],
  [{ insert: 'one two three\n' }],
  [{ insert: 'one three\n' }],
  [{ insert: 'one ' }, { insert: 'two', attributes: bold }, { insert: ' three\n' }],
  [{ insert: 'one ' }, { insert: { image: 'a' } }, { insert: ' three\n' }],
  [{ insert: 'one ' }, { insert: { image: 'b' } }, { insert: ' three\n' }],
  [{ insert: 'aaaaaaaa' }],
  [{ insert: 'aaaa' }],
  [{ insert: 'aa' }, { insert: 'aa', attributes: bold }, { insert: 'aaaa' }],
]

test('the change between two contents makes one into the other', () => {
  for (const before of CONTENTS) {
    for (const after of CONTENTS) {
      expect(compose(before, changeBetween(before, after))).toEqual(after)
    }
  }
})

test('what two contents share at both ends is left alone', () => {
  const change = changeBetween([{ insert: 'one two three\n' }], [{ insert: 'one 2 three\n' }])
  expect(change).toEqual([{ retain: 4 }, { insert: '2' }, { delete: 3 }])
  expect(lengthOf(changeBetween([{ insert: 'same' }], [{ insert: 'same' }]))).toBe(0)
})
