import { accessible } from './accessible.ts'
import { expect, test } from './quire.ts'

const LONG = Array.from({ length: 300 }, (_, n) => `line ${n}`).join('\n')

for (const kind of ['text', 'rich'] as const) {
  test(`a click on a person goes to where they are in a ${kind} document, and following goes along`, async ({
    quire,
    visit,
  }) => {
    const id = await quire.create(kind, LONG)
    const [ann, ben] = [await visit(id, 'Ann'), await visit(id, 'Ben')]
    await ann.goTo('start')
    await ben.goTo('end')
    const caret = ann.caretOf('Ben').first()
    await expect(caret).not.toBeInViewport()
    const face = ann.people.getByRole('button', { name: 'Ben' })
    await face.click()
    await expect(caret).toBeInViewport()

    await face.click({ modifiers: ['Shift'] })
    await expect(ann.page.getByText('Following Ben')).toBeVisible()
    await accessible(ann.page)
    await ben.goTo('start')
    await expect(caret).toBeInViewport()
    await ben.goTo('end')
    await expect(ann.page.getByText('Following Ben')).toBeVisible()
    await expect(caret).toBeInViewport()
    await ann.text.press('ArrowDown')
    await expect(ann.page.getByText('Following Ben')).toHaveCount(0)
  })
}

test('the list of people tells where each is, goes there, and writes to them', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('markdown', `# Plan\n\ntext\n\n## Budget\n\n${LONG}`)
  const [ann, ben] = [await visit(id, 'Ann'), await visit(id, 'Ben')]
  await ben.goTo('end')
  await ann.goTo('start')
  await ann.page.getByRole('button', { name: 'Everybody here' }).click()
  const list = ann.page.getByRole('list', { name: 'Everybody here' })
  await expect(list.getByRole('listitem')).toContainText('in “Budget”')
  await accessible(ann.page)
  await list.getByRole('button', { name: 'Go to' }).click()
  await expect(ann.caretOf('Ben')).toBeInViewport()
  await list.getByRole('button', { name: 'Message' }).click()
  await expect(list).toBeHidden()
  await expect(ann.page.getByRole('textbox', { name: /to Ben/ })).toBeFocused()
})

test('screen readers hear who comes and who edits near the caret', async ({ quire, visit }) => {
  const id = await quire.create('markdown', '# Budget\n\ntext')
  const ann = await visit(id, 'Ann')
  const said = ann.page.locator('[data-said]')
  await expect(said).toBeAttached()
  const ben = await visit(id, 'Ben')
  await expect(said).toHaveText('Ben joined')
  await ben.goTo('end')
  await ben.type(' and more')
  await expect(said).toHaveText('Ben is editing in “Budget”')
  await expect(said).toHaveText(/Ben made \d+ changes in “Budget”/)
  await ann.page.context().setOffline(true)
  await expect(said).toHaveText('You are offline. You can keep writing.')
  await ann.page.context().setOffline(false)
  await expect(said).toHaveText('You are connected again.')
})

test('people who are here at once wear different colours, and no caret gets into what is copied', async ({
  quire,
  visit,
}) => {
  for (const kind of ['rich', 'text'] as const) {
    const id = await quire.create(kind, 'onetwo')
    const ann = await visit(id, 'Ann')
    const own = (editor: typeof ann) =>
      editor.page
        .getByRole('button', { name: /Change name/ })
        .locator('.avatar')
        .evaluate((face) => face.style.getPropertyValue('--person'))
    const color = await own(ann)
    const ben = await visit(id, 'Ben')
    // Ben's browser would have the same colour.
    await ben.page.evaluate((color) => {
      localStorage.setItem('quire:person', JSON.stringify({ name: 'Ben', guest: 0, color }))
    }, color)
    await ben.page.reload()
    await ben.ready()
    await expect.poll(() => own(ben)).not.toBe(color)
    expect(await own(ann)).toBe(color)
    const bens = ann.people.getByRole('button', { name: 'Ben' }).locator('.avatar')
    await expect(bens).toHaveAttribute('style', `--person: ${await own(ben)};`)

    await ben.goTo('start')
    for (let n = 0; n < 3; n++) await ben.page.keyboard.press('ArrowRight')
    await expect(ann.caretOf('Ben')).toHaveCount(1)
    await ann.text.focus()
    await ann.page.keyboard.press('Control+a')
    const copied = await ann.page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const read = (event: ClipboardEvent) =>
            resolve(event.clipboardData?.getData('text/plain') ?? '')
          document.addEventListener('copy', read, { once: true })
          document.execCommand('copy')
        }),
    )
    expect(copied.trimEnd()).toBe('onetwo')
    expect(await ann.page.evaluate(() => getSelection()?.toString().trimEnd())).toBe('onetwo')
  }
})
