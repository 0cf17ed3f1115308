import { expect, test } from 'vitest'
import type { Query } from '../FindPanel'
import { docOf } from './content'
import { Search } from './matches'

const found = (query: Partial<Query>, text: string) => {
  const all = { search: '', replace: '', caseSensitive: false, wholeWord: false, regexp: false }
  const doc = docOf([{ insert: `${text}\n` }])
  return new Search({ ...all, ...query })
    .in(doc)
    .map(({ from, to }) => [from, doc.textBetween(from, to)])
}

test('matches are found in each line, at their positions', () => {
  expect(found({ search: 'a' }, 'a\nbA')).toEqual([
    [1, 'a'],
    [5, 'A'],
  ])
  expect(found({ search: 'a', caseSensitive: true }, 'a\nbA')).toEqual([[1, 'a']])
})

test('whole words end where letters of any script do', () => {
  expect(found({ search: 'cat', wholeWord: true }, 'cat concat cat_ cat.')).toHaveLength(2)
  expect(found({ search: 'ñu', wholeWord: true }, 'ñu ñuñu')).toHaveLength(1)
})

test('what has a meaning in expressions is looked for as it is, unless one is wanted', () => {
  expect(found({ search: '(.*)-/' }, 'x (.*)-/ y')).toEqual([[3, '(.*)-/']])
  expect(found({ search: 'b+', regexp: true }, 'abbc b')).toHaveLength(2)
  expect(found({ search: '(', regexp: true }, '(')).toEqual([])
  expect(found({ search: 'x*', regexp: true }, 'abc')).toEqual([])
})

test('half of a character is none', () => {
  expect(found({ search: '😀' }, 'a😀b')).toEqual([[2, '😀']])
})
