import type { Locator, Page } from '@playwright/test'
import { accessible } from './accessible.ts'
import type { Editor } from './editor.ts'
import { expect, kinds, type Quire, test } from './quire.ts'

// Each walks through much of it, with two people.
test.slow()

/** The history of a document as one person sees it. */
class History {
  readonly view: Locator
  readonly slider: Locator
  readonly text: Locator
  readonly told: Locator
  readonly edits: Locator
  readonly ask: Locator

  constructor(readonly page: Page) {
    this.view = page.getByRole('dialog', { name: 'History', exact: true })
    this.slider = this.view.getByRole('slider', { name: 'Moment' })
    this.text = this.view.getByRole('region', { name: 'After' }).locator('.surface')
    this.told = this.view.getByRole('status')
    this.edits = this.view.getByRole('region', { name: 'Edits', exact: true }).getByRole('listitem')
    this.ask = this.view.locator('.ask')
  }

  async open(): Promise<void> {
    await this.page.getByRole('button', { name: 'History' }).click()
    await expect(this.slider).toBeFocused()
    await this.shown()
  }

  /** Waits until a moment is shown. */
  async shown(): Promise<void> {
    await expect(this.text.locator('.cm-line, .line').first()).toBeVisible()
  }

  async close(): Promise<void> {
    await this.button('Back to the document').click()
    await expect(this.view).toBeHidden()
  }

  button(name: string): Locator {
    return this.view.getByRole('button', { name, exact: true })
  }

  /** The text of the moment, without what is shown though it is gone. */
  async lines(text: string): Promise<void> {
    const read = async () =>
      await this.text.evaluate((surface) => {
        const copy = surface.cloneNode(true) as HTMLElement
        for (const gone of copy.querySelectorAll('del.gone')) gone.remove()
        return [...copy.querySelectorAll('.cm-line, .line')]
          .map((line) => line.textContent ?? '')
          .join('\n')
          .trimEnd()
      })
    await expect.poll(read).toBe(text)
  }
}

/** Somebody's change over the API: the text becomes this. */
async function writes(editor: Editor, quire: Quire, id: string, text: string): Promise<void> {
  const address = `${quire.url}/api/v1/documents/${id}/text`
  const answer = await editor.page.request.put(address, { data: text })
  expect(answer.ok()).toBe(true)
}

for (const kind of kinds) {
  test(`the past of a ${kind} document is shown and restored while others write`, async ({
    quire,
    visit,
  }) => {
    const id = await quire.create(kind, 'one two\nthree')
    const [ann, ben] = [await visit(id), await visit(id)]
    await writes(ann, quire, id, 'one 2 two\nthree')
    await writes(ann, quire, id, 'two\nthree')
    await ann.shows('two\nthree')
    const history = new History(ann.page)
    await history.open()
    await history.lines('two\nthree')
    await history.slider.press('Home')
    await history.lines('one two\nthree')
    await history.slider.press('ArrowRight')
    await history.lines('one 2 two\nthree')
    await expect(history.text.locator('.was-added')).not.toHaveCount(0)

    // Nothing can be written there, and what others write goes on underneath.
    await history.text.locator('[contenteditable]').first().press('x')
    await ben.goTo('end')
    await ben.insert('!')
    await expect(history.slider).toHaveAttribute('max', '4')
    await history.lines('one 2 two\nthree')

    await history.slider.press('Home')
    await history.lines('one two\nthree')
    await history.button('Restore this version').click()
    await history.button('Restore').click()
    await expect(history.told).toContainText('The document is as it was on')
    await ben.shows('one two\nthree')
    await history.told.getByRole('button', { name: 'Undo' }).click()
    await ben.shows('two\nthree!')
    await history.close()
    await ann.shows('two\nthree!')
    await expect(ann.page.getByRole('button', { name: 'History' })).toBeFocused()
  })
}

test('the history is played, compared, named, and one person’s work undone', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('markdown', '# Plan\n\nRoses.\n', 'Garden')
  const ann = await visit(id, 'Ann')
  await ann.goTo('end')
  await ann.insert('Ann plants.')
  await ann.saved()
  const eve = await visit(id, 'Eve')
  await eve.goTo('start')
  await eve.insert('EVE WAS HERE ')
  await eve.saved()
  await ann.goTo('end')
  await ann.insert(' And waters.')
  await ann.saved()

  const history = new History(ann.page)
  await history.open()
  await expect(history.edits.filter({ hasText: /Eve/ })).toHaveCount(1)
  await accessible(ann.page)

  // Playing from the beginning ends at the end.
  await history.slider.press('Home')
  await history.lines('# Plan\n\nRoses.')
  await history.view.getByLabel('Speed').selectOption('256')
  await history.button('Play').click()
  await history.lines('EVE WAS HERE # Plan\n\nRoses.\nAnn plants. And waters.')
  await expect(history.button('Play')).toBeVisible()

  // By edits, by dates.
  await history.button('Previous edit').click()
  await history.lines('EVE WAS HERE # Plan\n\nRoses.\nAnn plants.')
  await history.button('Next edit').click()
  await history.lines('EVE WAS HERE # Plan\n\nRoses.\nAnn plants. And waters.')
  await history.view.getByLabel('Go to').fill('2020-01-01T00:00')
  await history.lines('# Plan\n\nRoses.')

  // Names.
  await history.button('Name this version').click()
  await history.view.getByLabel('Name', { exact: true }).fill('First idea')
  await history.view.getByLabel('Name', { exact: true }).press('Enter')
  await history.button('Rename First idea').click()
  await history.view.getByLabel('Name', { exact: true }).fill('Seed')
  await history.button('Save').click()
  await history.slider.press('End')
  await history.lines('EVE WAS HERE # Plan\n\nRoses.\nAnn plants. And waters.')
  await history.view.getByRole('button', { name: /^Seed/ }).click()
  await history.lines('# Plan\n\nRoses.')

  // Compared with now, in the text and side by side.
  await history.view.getByLabel('Compared with').selectOption({ label: 'now' })
  await expect(history.text.locator('.was-added').first()).toHaveText('EVE WAS HERE ')
  await history.view.getByLabel('Show changes').selectOption({ label: 'side by side' })
  const before = history.view.getByRole('region', { name: 'Before' })
  await expect(before.getByText('Roses.')).toBeVisible()
  await expect(before.getByText('EVE')).toBeHidden()
  await history.view.getByLabel('Colours of authors').check()
  await expect(history.text.locator('.by').first()).toBeVisible()
  await ann.page.emulateMedia({ colorScheme: 'dark' })
  await accessible(ann.page)
  await history.view.getByLabel('Show changes').selectOption({ label: 'in the text' })
  await history.view.getByLabel('Compared with').selectOption({ label: 'before this edit' })
  await history.button('Delete the name Seed').click()
  await expect(history.view.getByText('Name a moment to find it again.')).toBeVisible()

  // The vandal.
  await history.edits.filter({ hasText: /Eve/ }).getByRole('button').first().click()
  await history.button('Undo everything Eve did from here on').click()
  await expect(history.ask).toContainText('removes 13 and puts back 0 characters')
  await expect(history.text.locator('.was-removed').first()).toHaveText('EVE WAS HERE ')
  await history.ask.getByRole('button', { name: 'Undo' }).click()
  await eve.shows('# Plan\n\nRoses.\nAnn plants. And waters.')
  await history.close()
})

test('a moment becomes a document of its own, and a secret is removed for ever', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('text', 'nobody owns this')
  const ann = await visit(id, 'Ann')
  const own = await ann.page.request.post(`${quire.url}/api/v1/documents`, {
    data: { kind: 'rich', text: 'The key is hunter2-x.' },
  })
  const mine = ((await own.json()) as { id: string }).id
  const ben = await visit(mine)
  await ann.page.goto(`${quire.url}/d/${mine}`)
  await ann.ready()
  await ben.goTo('end')
  await ben.insert(' Indeed.')
  await ann.shows('The key is hunter2-x. Indeed.')

  const history = new History(ann.page)
  await history.open()
  await history.button('Remove for ever…').click()
  await expect(history.ask).toContainText('Select in the text')
  await history.text.getByText('The key is').evaluate((line) => {
    const text = line.firstChild as Text
    const range = document.createRange()
    range.setStart(text, 11)
    range.setEnd(text, 20)
    line.closest<HTMLElement>('[contenteditable]')?.focus()
    getSelection()?.removeAllRanges()
    getSelection()?.addRange(range)
  })
  await expect(history.ask).toContainText('Remove “hunter2-x”')
  await history.ask.getByRole('button', { name: 'Remove for ever' }).click()
  await expect(history.told).toContainText('from all of the history')
  await ben.shows('The key is . Indeed.')
  await history.slider.press('Home')
  await history.lines('The key is █████████.')

  await history.button('New document from this').click()
  await history.view.getByLabel('With everything that led to it').check()
  await history.button('Make it').click()
  await ann.page.waitForURL((url) => url.pathname.includes('/d/') && !url.pathname.endsWith(mine))
  await ann.ready()
  await ann.shows('The key is █████████.')

  // Somebody else has no such button, and is told no.
  const bens = new History(ben.page)
  await bens.open()
  await expect(bens.button('Restore this version')).toBeEnabled()
  await expect(bens.button('Remove for ever…')).toBeHidden()
})

test('authors are told apart in the text, and what is new since the last visit is marked', async ({
  quire,
  visit,
}) => {
  for (const kind of ['text', 'rich'] as const) {
    const id = await quire.create(kind, 'Begun.\nThen ')
    const [ann, ben] = [await visit(id, 'Ann'), await visit(id, 'Ben')]
    await ann.goTo('start')
    await ann.insert('By Ann. ')
    await ann.saved()
    await ben.goTo('end')
    await ben.insert('By Ben.')
    await ben.saved()
    await ann.page.keyboard.press('Control+Shift+P')
    await ann.page.getByPlaceholder('What do you want to do?').fill('Who wrote')
    await ann.page.keyboard.press('Enter')
    const bar = ann.page.getByRole('complementary', { name: 'Who wrote what' })
    await expect(bar).toContainText('Ann')
    await expect(ann.text.locator('.by', { hasText: 'By Ben.' })).toHaveAttribute('title', /^Ben, /)
    await ann.goTo('end')
    await expect(bar).toContainText('At the cursor: Ben,')
    await ann.goTo('start')
    await expect(bar).toContainText('At the cursor: Ann,')
    await ben.insert(' More.')
    await expect(ann.text.locator('.by', { hasText: 'By Ben. More.' })).toBeVisible()
    await accessible(ann.page)
    await bar.getByRole('button', { name: 'Hide the colours' }).click()
    await expect(ann.text.locator('.by')).toHaveCount(0)

    // Ann leaves, Ben writes, and only his line is marked when she is back.
    await ann.saved()
    await ann.page.goto('about:blank')
    await ben.insert('\nNews.')
    await ben.saved()
    await ann.page.goto(`${quire.url}/d/${id}`)
    await ann.ready()
    await ann.shows(`By Ann. Begun.\nThen By Ben. More.\nNews.`)
    await expect(ann.text.locator('.news-line').filter({ hasText: 'News.' })).toBeVisible()
    await expect(ann.text.locator('.news-line').filter({ hasText: 'By Ann.' })).toHaveCount(0)
  }
})

test('the history works on a phone', async ({ quire, visit }) => {
  const id = await quire.create('rich', 'one\n')
  const ann = await visit(id)
  await writes(ann, quire, id, 'one two\n')
  await ann.page.setViewportSize({ width: 390, height: 844 })
  const history = new History(ann.page)
  await history.open()
  await history.lines('one two')
  const wider = await ann.page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
  expect(wider).toBe(false)
  await history.view.getByLabel('Show changes').selectOption({ label: 'side by side' })
  const place = (part: Locator) =>
    part.evaluate((element) => element.getBoundingClientRect().bottom)
  const stage = history.view.getByRole('region', { name: 'After' })
  await expect.poll(() => place(history.text)).toBeLessThanOrEqual(await place(stage))
  await accessible(ann.page)
})
