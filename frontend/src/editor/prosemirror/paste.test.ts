import { Fragment } from 'prosemirror-model'
import { describe, expect, test } from 'vitest'
import { contentOf, lineNode } from './content'
import { cutLines, markBreaks } from './paste'
import { safeLink, schema } from './schema'

describe('pasting', () => {
  test('a line break makes a line; one that shows nothing does not', () => {
    expect(markBreaks('<p>a<br>b<BR/>c<br></p>')).toBe('<p>a\u2028b\u2028c</p>')
  })

  test('lines are cut at every kind of newline, and keep their format', () => {
    const bold = schema.text('two\r\nthree', [schema.marks.bold.create()])
    const line = lineNode({ 'code-block': true }, [
      schema.text('one\n'),
      bold,
      schema.text('\u2028'),
    ])
    const doc = schema.node('doc', null, cutLines(Fragment.from(line)))
    const end = { insert: '\n', attributes: { 'code-block': true } }
    expect(contentOf(doc)).toEqual([
      { insert: 'one' },
      end,
      { insert: 'two', attributes: { bold: true } },
      end,
      { insert: 'three', attributes: { bold: true } },
      { insert: '\n\n', attributes: { 'code-block': true } },
    ])
  })

  test.each(['javascript:alert(1)', 'data:text/html,x', ' javascript:x', 'vbscript:x', ''])(
    'no link leads to %s',
    (address) => expect(safeLink(address)).toBeUndefined(),
  )
})
