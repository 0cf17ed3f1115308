import { readFileSync } from 'node:fs'
import { accessible } from './accessible.ts'
import type { Editor } from './editor.ts'
import { expect, test } from './quire.ts'

/** Puts a file of HTML on the clipboard, as far as the editor can tell, and pastes it. */
async function paste(editor: Editor, file: string): Promise<void> {
  const html = readFileSync(new URL(`fixtures/${file}`, import.meta.url), 'utf8')
  await editor.text.evaluate((element, data) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/html', data)
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }))
  }, html)
}

const line = (text: string, format?: object) => [
  { insert: text },
  format ? { insert: '\n', attributes: format } : { insert: '\n' },
]
const words = (text: string, attributes?: object) => ({
  insert: text,
  ...(attributes ? { attributes } : {}),
})

test('what is pasted from Word is its words, headings, lists and links', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('rich')
  const ann = await visit(id)
  await ann.text.focus()
  await paste(ann, 'word.html')
  await ann.saved()
  expect(await quire.delta(id)).toEqual([
    ...line('Garden plan', { header: 1 }),
    ...line('Beds', { header: 2 }),
    words('Some '),
    words('bold', { bold: true }),
    words(' and '),
    words('slanted', { italic: true }),
    words(' and '),
    words('underlined', { underline: true }),
    words(' words, red ones and a '),
    words('link', { link: 'https://example.org/' }),
    words('.\nbeans'),
    words('\n', { list: 'bullet' }),
    words('runner beans'),
    words('\n', { list: 'bullet', indent: 1 }),
    words('dig'),
    words('\n', { list: 'ordered' }),
    words('\nPlant | Height\nBean | 2 m\n'),
  ])
})

test('what is pasted from Google Docs is its words, headings, lists and links', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('rich')
  const ann = await visit(id)
  await ann.text.focus()
  await paste(ann, 'google-docs.html')
  await ann.saved()
  expect(await quire.delta(id)).toEqual([
    ...line('Garden plan', { header: 1 }),
    words('Some '),
    words('bold', { bold: true }),
    words(' slanted', { italic: true }),
    words(' under', { underline: true }),
    words(' gone', { strike: true }),
    words('link', { link: 'https://example.org/' }),
    words('\nbeans'),
    words('\n', { list: 'bullet' }),
    words('runner beans'),
    words('\n', { list: 'bullet', indent: 1 }),
    words('dig'),
    words('\n', { list: 'ordered' }),
    words('water'),
    words('\n', { list: 'checked' }),
  ])
})

test('a slash opens a menu that arrow keys and names choose from', async ({ quire, visit }) => {
  const id = await quire.create('rich')
  const ann = await visit(id)
  await ann.type('/')
  const menu = ann.page.getByRole('listbox', { name: 'Turn this line into' })
  await expect(menu.getByRole('option')).toHaveCount(9)
  await accessible(ann.page)
  await ann.page.keyboard.press('ArrowDown')
  await expect(menu.getByRole('option', { selected: true })).toContainText('Heading 1')
  await ann.page.keyboard.press('Enter')
  await ann.type('Title\n/num')
  await expect(menu.getByRole('option')).toHaveCount(1)
  await ann.page.keyboard.press('Enter')
  await ann.type('first\n\n/nothing')
  await expect(menu).toContainText('Nothing of that name')
  await ann.page.keyboard.press('Escape')
  await expect(menu).toHaveCount(0)
  await ann.saved()
  expect(await quire.delta(id)).toEqual([
    ...line('Title', { header: 1 }),
    ...line('first', { list: 'ordered' }),
    words('/nothing\n'),
  ])
})

test('text has colours and alignment, which others see and the clipboard carries', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('rich', 'colour me')
  const [ann, ben] = [await visit(id), await visit(id)]
  await ann.text.focus()
  await ann.page.keyboard.press('Control+a')
  await ann.page.getByRole('button', { name: 'Colours' }).click()
  await accessible(ann.page)
  await ann.page.getByRole('group', { name: 'Text colour' }).getByLabel('Red').click()
  await ann.page.getByRole('button', { name: 'Colours' }).click()
  await ann.page.getByRole('group', { name: 'Highlight' }).getByLabel('Yellow').click()
  await ann.page.getByLabel('Alignment').selectOption('Center')
  await expect(ben.text.locator('.line')).toHaveCSS('text-align', 'center')
  await expect(ben.text.locator('[data-format*=color]').last()).toHaveCSS(
    'color',
    'rgb(197, 34, 31)',
  )
  await ann.goTo('start')
  await ann.page.keyboard.press('Shift+End')
  await ann.page.keyboard.press('Control+c')
  await ann.goTo('end')
  await ann.page.keyboard.press('Control+v')
  await ann.saved()
  const attributes = { color: '#c5221f', background: '#fdf0a6' }
  expect(await quire.delta(id)).toEqual([
    words('colour mecolour me', attributes),
    words('\n', { align: 'center' }),
  ])
})

test('a key acts where the caret is, before the browser has told that it moved', async ({
  quire,
  visit,
}) => {
  const ann = await visit(await quire.create('rich', 'first\nlast\n'))
  await ann.goTo('start')
  // What a quick person does in a busy browser: End and Enter within one turn of its loop.
  await ann.text.evaluate((editable) => {
    getSelection()?.selectAllChildren(editable)
    getSelection()?.collapseToEnd()
    const enter = { key: 'Enter', keyCode: 13, bubbles: true, cancelable: true }
    editable.dispatchEvent(new KeyboardEvent('keydown', enter))
  })
  await ann.page.keyboard.insertText('new')
  await ann.shows('first\nlast\nnew')
})

test('what is typed at the start of a line makes it a heading, a list, a quote or code', async ({
  quire,
  visit,
}) => {
  const habits: readonly [typed: string, format: object][] = [
    ['# ', { header: 1 }],
    ['###### ', { header: 6 }],
    ['- ', { list: 'bullet' }],
    ['1. ', { list: 'ordered' }],
    ['[] ', { list: 'unchecked' }],
    ['> ', { blockquote: true }],
    ['```', { 'code-block': true }],
  ]
  const id = await quire.create('rich')
  const ann = await visit(id)
  for (const [typed] of habits) {
    await ann.type(`${typed}${typed.trim()}`)
    await ann.page.keyboard.press('Enter')
    await ann.page.keyboard.press('Control+Alt+0')
  }
  await ann.saved()
  const lines = habits.flatMap(([typed, format]) => line(typed.trim(), format))
  expect(await quire.delta(id)).toEqual([...lines, words('\n')])
})
