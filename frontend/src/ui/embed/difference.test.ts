import { expect, test } from 'vitest'
import { compose, type Delta, textOf } from '../../delta'
import { forSeeds, type Random } from '../../testing/random'
import { difference } from './difference'

const text = (insert: string): Delta => (insert ? [{ insert }] : [])

function someContent(random: Random): Delta {
  const ops = Array.from({ length: random.below(12) }, () => {
    const insert = random.chance(0.1)
      ? { image: String(random.below(2)) }
      : random.pick(['a', 'ab', 'ab\n', '\n', 'c\nd', '😀', '😁', ' '])
    return random.chance(0.3)
      ? { insert, attributes: { bold: random.pick([true, 'x']) } }
      : { insert }
  })
  return compose([], ops)
}

test('a difference makes one content the other, random', () => {
  forSeeds(2_000, (random) => {
    const [before, after] = [someContent(random), someContent(random)]
    expect(compose(before, difference(before, after, 'everything'))).toEqual(after)
    expect(textOf(compose(before, difference(before, after, 'text')))).toBe(textOf(after))
  })
})

test('only what differs is touched', () => {
  const before = 'one\ntwo\nthree\nfour\n'
  expect(difference(text(before), text('one\ntwice\nthree\nfour\nfive\n'), 'text')).toEqual([
    { retain: 6 },
    { insert: 'ice' },
    { delete: 1 },
    { retain: 12 },
    { insert: 'five\n' },
  ])
  expect(difference(text(before), text(before), 'everything')).toEqual([])
  expect(difference(text('a😀'), text('a😁'), 'text')).toEqual([
    { retain: 1 },
    { insert: '😁' },
    { delete: 2 },
  ])
})

test('text that stays keeps its looks, unless other ones are wanted', () => {
  const before: Delta = [{ insert: 'bold', attributes: { bold: true } }, { insert: '\n' }]
  const change = difference(before, text('bold!\n'), 'text')
  expect(change).toEqual([{ retain: 4 }, { insert: '!' }])
  expect(difference(before, text('bold\n'), 'everything')).toEqual([
    { retain: 4, attributes: { bold: null } },
  ])
})

test('a long text can become another one altogether', () => {
  const long = Array.from({ length: 20_000 }, (_, n) => `line ${n} of some text\n`).join('')
  const other = long.replaceAll('line', 'Zeile')
  const change = difference(text(long), text(other), 'text')
  expect(compose(text(long), change)).toEqual(text(other))
})
