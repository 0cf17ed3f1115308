import { expect, test } from 'vitest'
import { setAside } from './styled'

test.each([
  ['<p style="color: red">a</p>', '<p data-style="color: red">a</p>'],
  ["<p STYLE = 'color: red'>a</p>", "<p data-style = 'color: red'>a</p>"],
  ['<p\nid=x style=color:red>', '<p\nid=x data-style=color:red>'],
  ['<p title=" style=x > y" style="a">', '<p title=" style=x > y" data-style="a">'],
  ['<p title=\' style="x" >\' style="a">', '<p title=\' style="x" >\' data-style="a">'],
  ['a style="b" is text', 'a style="b" is text'],
  ['2 < 3, style="b" > 1', '2 < 3, style="b" > 1'],
  ['<style>p { color: red }\n</style><p>', '<p>'],
  ['<p data-style="a" style="b">', '<p data-style="a" data-style="b">'],
])('%s', (html, wanted) => {
  expect(setAside(html)).toBe(wanted)
})
