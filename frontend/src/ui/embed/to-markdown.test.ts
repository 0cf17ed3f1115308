import { expect, test } from 'vitest'
import { markdownOf } from './to-markdown'

test('rich text is written as Markdown has it', () => {
  const line = (attributes: object) => ({ insert: '\n', attributes }) as never
  expect(
    markdownOf([
      { insert: 'Title' },
      line({ header: 2 }),
      { insert: 'some ' },
      { insert: 'bold ', attributes: { bold: true } },
      { insert: 'x*y', attributes: { code: true } },
      { insert: ' a*b ' },
      { insert: 'there', attributes: { link: 'https://example.org', italic: true } },
      { insert: '\none' },
      line({ list: 'ordered' }),
      { insert: 'deeper' },
      line({ list: 'bullet', indent: 1 }),
      { insert: 'two' },
      line({ list: 'ordered' }),
      { insert: 'done' },
      line({ list: 'checked' }),
      { insert: 'said' },
      line({ blockquote: true }),
      { insert: 'x := 1' },
      line({ 'code-block': true }),
      { insert: { image: '/api/v1/documents/a/images/b' } },
      { insert: '\n' },
    ]),
  ).toBe(
    [
      '## Title',
      'some **bold** `x*y` a\\*b [*there*](https://example.org)',
      '1. one',
      '   - deeper',
      '2. two',
      '- [x] done',
      '> said',
      '```',
      'x := 1',
      '```',
      '![](/api/v1/documents/a/images/b)',
      '',
    ].join('\n'),
  )
})

test('a line that only looks like Markdown stays text', () => {
  expect(markdownOf([{ insert: '# no\n1. no\n- no\n' }])).toBe('\\# no\n\\1. no\n\\- no\n')
})
