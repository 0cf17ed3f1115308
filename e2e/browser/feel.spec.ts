import { accessible } from './accessible.ts'
import { pagesOf } from './pdf.ts'
import { expect, test } from './quire.ts'

test('everything can be found in the list of commands', async ({ quire, visit }) => {
  const ann = await visit(await quire.create('rich', 'Title'))
  const { page } = ann
  await expect(page.locator('[data-said]')).toBeAttached()
  await ann.text.focus()
  await page.keyboard.press('Control+Shift+P')
  const palette = page.getByRole('dialog', { name: 'Commands' })
  await expect(palette.getByRole('combobox')).toBeFocused()
  await accessible(page)
  await page.keyboard.type('heading 2')
  await expect(palette.getByRole('option')).toHaveCount(1)
  await page.keyboard.press('Enter')
  await expect(ann.text.locator('h2')).toHaveText('Title')
  await page.getByRole('button', { name: 'Commands' }).click()
  await page.keyboard.type('nothing like this')
  await expect(palette).toContainText('There is no such command')
  await page.keyboard.press('Escape')
  await expect(palette).toHaveCount(0)
})

test('the shortcuts are one key away, and true', async ({ quire, visit }) => {
  const ann = await visit(await quire.create('code', 'x'))
  const { page } = ann
  await expect(page.locator('[data-said]')).toBeAttached()
  await ann.text.focus()
  await page.keyboard.press('Control+/')
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect(sheet).toContainText('Find and replace')
  await accessible(page)
  await page.keyboard.press('Escape')
  await expect(ann.text).toBeFocused()
  await page.keyboard.type('?')
  await ann.shows('?x')
  await page.getByRole('button', { name: 'Commands' }).focus()
  await page.keyboard.press('?')
  await expect(sheet).toBeVisible()
})

test('F6 goes through the parts of the page, Alt+F10 to the toolbar, Escape back', async ({
  quire,
  visit,
}) => {
  const ann = await visit(await quire.create('rich', 'text'))
  const { page } = ann
  await expect(page.locator('[data-said]')).toBeAttached()
  await ann.text.focus()
  const within = (region: string) => page.locator(`[data-region="${region}"] :focus`)
  await page.keyboard.press('F6')
  await expect(within('header')).toHaveCount(1)
  await page.keyboard.press('F6')
  await expect(within('tools')).toHaveCount(1)
  await page.keyboard.press('F6')
  await expect(ann.text).toBeFocused()
  await page.keyboard.press('Shift+F6')
  await expect(within('tools')).toHaveCount(1)
  await page.keyboard.press('Escape')
  await expect(ann.text).toBeFocused()
  await page.keyboard.press('Alt+F10')
  await expect(within('tools')).toHaveCount(1)
  for (let n = 0; n < 4; n++) await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('button', { name: 'Bold' })).toBeFocused()
})

test('the outline lists the headings, leads to them, and counts words', async ({
  quire,
  visit,
}) => {
  const filler = `${'word '.repeat(20)}\n\n`.repeat(30)
  for (const kind of ['markdown', 'rich'] as const) {
    const id = await quire.create(
      kind,
      kind === 'markdown' ? `# One\n\n${filler}## Two\n` : 'One\n',
    )
    const ann = await visit(id)
    const { page } = ann
    await expect(page.locator('[data-said]')).toBeAttached()
    await ann.text.focus()
    if (kind === 'rich') {
      await page.keyboard.press('Control+Alt+1')
      await ann.goTo('end')
      await page.keyboard.press('Enter')
      await ann.insert('five words are written here')
    }
    await page.keyboard.press('Control+Alt+o')
    const outline = page.getByRole('complementary', { name: 'Outline' })
    await expect(outline.getByRole('button', { name: 'One' })).toBeVisible()
    await expect(outline).toContainText(kind === 'rich' ? '6 words' : '602 words')
    await accessible(page)
    if (kind === 'markdown') {
      await outline.getByRole('button', { name: 'Two' }).click()
      await expect(ann.text.locator('.cm-line', { hasText: 'Two' })).toBeInViewport()
    }
  }
})

test('what is printed is the document, all of it, and nothing else', async ({ quire, visit }) => {
  const lines = Array.from({ length: 400 }, (_, n) => `line ${n}`)
  const ann = await visit(await quire.create('text', lines.join('\n')))
  await expect(ann.page.locator('[data-said]')).toBeAttached()
  await ann.page.emulateMedia({ media: 'print' })
  await ann.page.evaluate(() => dispatchEvent(new Event('beforeprint')))
  await expect(ann.page.getByText('Share')).toBeHidden()
  const printed = ann.page.locator('.printout')
  await expect(printed).toBeVisible()
  await expect(printed).toHaveText(lines.join('\n'))
  await ann.page.evaluate(() => dispatchEvent(new Event('afterprint')))
  await expect(printed).toHaveCount(0)

  // A long rich document is laid out in sheets that are skipped while they are out of sight.
  const rich = await visit(await quire.create('rich', lines.join('\n')), 'Ann')
  await rich.goTo('end')
  const ben = await visit(new URL(rich.page.url()).pathname.split('/').pop() ?? '', 'Ben')
  await ben.goTo('start')
  await expect(rich.people.getByRole('button', { name: 'Ben' })).toBeVisible()
  for (const { page } of [ann, rich]) {
    await page.emulateMedia({ media: null })
    const pages = pagesOf(await page.pdf({ format: 'A4' }))
    expect(pages.join('\n').split('\n')).toEqual(lines)
    expect(pages.length).toBeGreaterThan(5)
    for (const printed of pages) expect(printed).not.toBe('')
  }
})

test('settings change the page at once and are kept', async ({ quire, visit }) => {
  const ann = await visit(await quire.create('text', 'teh'))
  const { page } = ann
  await expect(page.locator('[data-said]')).toBeAttached()
  await page.getByRole('button', { name: 'Commands' }).click()
  await page.keyboard.type('settings')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Settings' })
  await accessible(page)
  await dialog.getByLabel('Theme').selectOption('Dark')
  await dialog.getByLabel('Text size').selectOption('125%')
  await dialog.getByLabel('Check spelling').uncheck()
  await page.keyboard.press('Escape')
  await page.reload()
  await ann.ready()
  await expect(page.locator('body')).toHaveCSS('font-size', '20px')
  await expect(page.locator('html')).toHaveCSS('color-scheme', 'dark')
  await expect(ann.text).toHaveAttribute('spellcheck', 'false')
})

test('Vim keys are there for those who want them', async ({ quire, visit }) => {
  const ann = await visit(await quire.create('code', 'one two'))
  await ann.page.evaluate(() =>
    localStorage.setItem('quire:settings', JSON.stringify({ keymap: 'vim' })),
  )
  await ann.page.reload()
  await ann.ready()
  await expect(ann.page.locator('.cm-vim-panel')).toBeVisible()
  await ann.text.focus()
  await ann.page.keyboard.type('ciwuno')
  await ann.page.keyboard.press('Escape')
  await ann.shows('uno two')
  await ann.saved()
})

test('on a phone the tools are under the text, above the keyboard', async ({ quire, browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
  const page = await context.newPage()
  await page.goto(`${quire.url}/d/${await quire.create('rich', 'hello')}`)
  const tools = page.getByRole('toolbar')
  await expect(tools).toBeVisible()
  const bottom = async () => {
    const box = await tools.boundingBox()
    return Math.round((box?.y ?? 0) + (box?.height ?? 0))
  }
  expect(await bottom()).toBe(844)
  // The keyboard takes its room from the page.
  await page.setViewportSize({ width: 390, height: 500 })
  expect(await bottom()).toBe(500)
  await accessible(page)
  await context.close()
})

test('each line runs in the direction of its own letters', async ({ quire, visit }) => {
  for (const kind of ['text', 'rich'] as const) {
    const ann = await visit(await quire.create(kind, 'hello\nمرحبا'))
    const lines = ann.text.locator(kind === 'text' ? '.cm-line' : '.line')
    const directions = () =>
      lines.evaluateAll((all) => all.map((line) => getComputedStyle(line).direction))
    await expect.poll(directions).toEqual(['ltr', 'rtl'])
  }
})
