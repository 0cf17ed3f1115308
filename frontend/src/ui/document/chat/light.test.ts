import { expect, test } from 'vitest'
import { piecesOf } from './light'

const shown = (message: string, names?: string[]) =>
  piecesOf(message, names).map(({ kind, text }) => (kind === 'text' ? text : [kind, text]))

test('light marks are read, and nothing else', () => {
  expect(shown('a **b** *c* `d*e*` f')).toEqual([
    'a ',
    ['bold', 'b'],
    ' ',
    ['italic', 'c'],
    ' ',
    ['code', 'd*e*'],
    ' f',
  ])
  expect(shown('2 * 3 * 4 ** 5')).toEqual(['2 ', ['italic', ' 3 '], ' 4 ** 5'])
  expect(shown('<img src=x onerror=alert(1)>')).toEqual(['<img src=x onerror=alert(1)>'])
})

test('only addresses of web pages become links, without the end of the sentence', () => {
  expect(shown('See https://example.org/a?b=c. Or (http://x.org)!')).toEqual([
    'See ',
    ['link', 'https://example.org/a?b=c'],
    '. Or (',
    ['link', 'http://x.org'],
    ')!',
  ])
  expect(shown('javascript:alert(1) data:text/html,x')).toEqual([
    'javascript:alert(1) data:text/html,x',
  ])
})

test('names stand out, the longest that fits', () => {
  expect(shown('@Ann Lee and @Ann, mail a@b', ['Ann', 'Ann Lee', ''])).toEqual([
    ['mention', '@Ann Lee'],
    ' and ',
    ['mention', '@Ann'],
    ', mail a@b',
  ])
})
