import { expect, test } from './quire.ts'

test('the language that one person chooses colours the code for everybody', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('code', 'def f():\n    return 1\n', 'notes')
  const [ann, ben] = [await visit(id), await visit(id)]
  const languages = ann.page.getByLabel('Language of the code')
  await expect.poll(() => languages.locator('option').count()).toBeGreaterThan(30)
  const coloured = (text: string) => ben.text.locator('span[class]', { hasText: text })
  await expect(coloured('def')).toHaveCount(0)
  await languages.selectOption('Python')
  await expect(coloured('def').first()).toBeVisible()
  await expect(ben.page.getByLabel('Language of the code')).toHaveValue('python')
  const cara = await visit(id)
  await expect(cara.text.locator('span[class]', { hasText: 'def' }).first()).toBeVisible()
})

test('a document changes its kind while people write in it', async ({ quire, visit }) => {
  const id = await quire.create('text', '# Title\n')
  const [ann, ben] = [await visit(id), await visit(id)]
  await ben.goTo('end')
  await ben.type('one ')
  await ann.page.getByLabel('Kind of document').selectOption('Markdown')
  await expect(ben.page.getByRole('region', { name: 'Preview' })).toBeVisible()
  await ben.type('two ')
  await ben.page.getByLabel('Kind of document').selectOption('Code')
  await expect(ann.page.locator('.cm-lineNumbers')).toBeVisible()
  await ben.type('three')
  await ann.shows('# Title\none two three')
  await ann.page.reload()
  await expect(ann.page.locator('.cm-lineNumbers')).toBeVisible()
})

test('long lines wrap if that is wanted, and the choice is kept', async ({ quire, visit }) => {
  const id = await quire.create('code', 'word '.repeat(400))
  const ann = await visit(id)
  const wide = () =>
    ann.page.locator('.cm-scroller').evaluate((e) => e.scrollWidth > e.clientWidth + 10)
  expect(await wide()).toBe(true)
  await ann.page.getByRole('button', { name: 'Wrap long lines' }).click()
  await expect.poll(wide).toBe(false)
  await ann.page.reload()
  await ann.ready()
  await expect.poll(wide).toBe(false)
})

test('Tab indents as the text does, or as was chosen', async ({ quire, visit }) => {
  const ann = await visit(await quire.create('code', 'a:\n    b:\n        c\n'))
  await ann.goTo('end')
  await ann.page.keyboard.press('Tab')
  await ann.type('d')
  await ann.shows('a:\n    b:\n        c\n    d')
  await ann.page.getByLabel('Indent').selectOption('Tabs')
  await ann.text.focus()
  await ann.page.keyboard.press('Enter')
  await ann.page.keyboard.press('Tab')
  await ann.type('e')
  await expect.poll(() => ann.shown()).toMatch(/\te$/)
})

test('Escape and then Tab leaves the code', async ({ quire, visit }) => {
  const ann = await visit(await quire.create('code', 'x'))
  await ann.text.focus()
  await ann.page.keyboard.press('Escape')
  await ann.page.keyboard.press('Tab')
  await expect(ann.text).not.toBeFocused()
  await ann.shows('x')
})
