import { describe, expect, test } from 'vitest'
import { Reader } from './markdown'

const MARK = 'data-secret'
const reader = new Reader(MARK)
const htmlOf = (source: string) =>
  reader
    .blocks(source)
    .map(({ html }) => html)
    .join('')
/** The parts that are left to the page, in order. */
const partsOf = (source: string): unknown[] =>
  [...htmlOf(source).matchAll(/data-secret="([^"]*)"/g)].map(([, json = '']) =>
    JSON.parse(json.replaceAll('&quot;', '"')),
  )

describe('reading Markdown', () => {
  test('each block knows its lines', () => {
    const blocks = reader.blocks('# One\n\ntwo\nthree\n\n- four\n- five\n\n```\nsix\n```\n')
    expect(blocks.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [2, 4],
      [5, 8],
      [8, 11],
    ])
  })

  test('a block above that grows leaves the HTML of those below as it was', () => {
    const below = '\n\n- [ ] task\n\n$$x$$\n'
    const last = (source: string) => reader.blocks(source).slice(-2)
    const [task, formula] = last(`one${below}`)
    const [task2, formula2] = last(`one\n\ntwo${below}`)
    expect([task2?.html, formula2?.html]).toEqual([task?.html, formula?.html])
    expect((task2?.from ?? 0) - (task?.from ?? 0)).toBe(2)
  })

  test('an element around several blocks stays one', () => {
    const blocks = reader.blocks('<details>\n\n**inside**\n\n</details>\n\nafter')
    expect(blocks).toHaveLength(2)
    expect(blocks[0]?.html).toContain('<strong>inside</strong>')
  })

  test('tasks are told with their line in the block, also nested and quoted', () => {
    expect(partsOf('text\n\n- [ ] a\n- [x] b\n  - [X] c\n')).toEqual([
      { part: 'task', line: 0, done: false },
      { part: 'task', line: 1, done: true },
      { part: 'task', line: 2, done: true },
    ])
    expect(partsOf('> - [ ] a')).toEqual([{ part: 'task', line: 0, done: false }])
    expect(partsOf('[ ] no item\n\n- [link](x)\n- [y]')).toEqual([])
  })

  test.each([
    ['$a+b$', [{ part: 'formula', display: false }]],
    ['$$\na\n$$', [{ part: 'formula', display: true }]],
    ['a $$b$$ c', [{ part: 'formula', display: true }]],
    ['it costs $5 and $10', []],
    ['$ a $', []],
    ['\\$a$', []],
    ['`$a$`', []],
    ['$$ never closed', []],
  ])('%j has these formulas', (source, parts) => {
    expect(partsOf(source)).toEqual(parts)
  })

  test('code is told with its language, diagrams apart', () => {
    expect(partsOf('```JS title\nx\n```\n\n```mermaid\ny\n```\n\n    z\n')).toEqual([
      { part: 'code', language: 'js' },
      { part: 'diagram' },
      { part: 'code', language: '' },
    ])
  })

  test('GitHub tables, strikethrough, bare links and footnotes are known', () => {
    const html = htmlOf(
      '|a|b|\n|:-:|--:|\n|1|2|\n\n~~c~~ https://example.org and[^1]\n\n[^1]: note',
    )
    expect(html).toContain('<td align="center">1</td>')
    expect(html).toContain('<s>c</s>')
    expect(html).toContain('href="https://example.org"')
    expect(html).toContain('note')
  })

  test('nothing in a text passes for a part of the page', () => {
    const forged = '<span data-secret-="x"></span>'
    expect(partsOf(`\`\`\`js" data-x="\ny\n\`\`\`\n\n${forged}`)).toEqual([
      { part: 'code', language: 'js"' },
    ])
  })
})
