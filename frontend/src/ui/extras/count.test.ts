import { expect, test } from 'vitest'
import { countCharacters, countWords } from './count'

test.each([
  ['', 'en', 0],
  ['one two\nthree', 'en', 3],
  ["don't — well-known", 'en', 3 + 0],
  ['今日は良い天気です', 'ja', 5],
  ['# Title\n\n- item', 'en', 2],
])('%j in %s has %i words', (text, locale, words) => {
  expect(Math.abs(countWords(text, locale) - words)).toBeLessThanOrEqual(1)
})

test('a long text is counted at its spaces', () => {
  expect(countWords('word '.repeat(50_000), 'en')).toBe(50_000)
})

test('characters are what a reader sees', () => {
  expect(countCharacters('e\u0301a 😀\n')).toBe(4)
})
