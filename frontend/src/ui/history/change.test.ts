import { expect, test } from 'vitest'
import { compose, type Delta, isDelete, lengthOf } from '../../delta'
import { forSeeds, randomChange, randomContent } from '../../testing/random'
import { changeBetween } from './change'
import { sharedLines } from './shared-lines'

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

test('the change between any two moments makes one into the other', () => {
  forSeeds(300, (random) => {
    let content = compose([], randomContent(random, { rich: true, lone: true }))
    const moments = [content]
    for (let n = 0; n < 12; n++) {
      content = compose(content, randomChange(random, content, { rich: true, lone: true }))
      moments.push(content)
    }
    const [before, after] = [random.pick(moments), random.pick(moments)]
    expect(compose(before, changeBetween(before, after))).toEqual(after)
  })
})

test('lines that stay are left alone wherever they are', () => {
  const line = (n: number) => `line ${n}\n`
  const lines = Array.from({ length: 100 }, (_, n) => line(n))
  const before: Delta = [{ insert: lines.join('') }]
  const after: Delta = [{ insert: lines.toSpliced(80, 5).toSpliced(20, 0, 'new\n', '\n').join('') }]
  const change = changeBetween(before, after)
  expect(compose(before, change)).toEqual(after)
  expect(change.filter(isDelete)).toEqual([
    { delete: lengthOf([{ insert: lines.slice(80, 85).join('') }]) },
  ])
  expect(change.length).toBe(4)
})

test('equal lines beside those that occur once are shared too', () => {
  const before = ['a', '', 'b', '', 'c', '', '']
  const after = ['', 'b', '', 'x', '', 'c', '', '']
  expect(sharedLines(before, after)).toEqual([
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 5],
    [5, 6],
    [6, 7],
  ])
})
