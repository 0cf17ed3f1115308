import { Editor } from './editor.ts'
import { expect, needsSockets, test } from './quire.ts'

const MEGABYTE = 1_000_000

/** Pastes text, as the browser would tell the page. */
async function paste(editor: Editor, text: { sample: string; times: number }): Promise<void> {
  await editor.text.evaluate((element, { sample, times }) => {
    const transfer = new DataTransfer()
    transfer.setData('text/plain', sample.repeat(times))
    const options = { bubbles: true, cancelable: true, clipboardData: transfer }
    element.dispatchEvent(new ClipboardEvent('paste', options))
  }, text)
}

test('five megabytes are pasted, saved and seen by others', async ({ quire, visit }) => {
  const line = 'Five megabytes of lines like this one, all of them the same.\n'
  const times = Math.ceil((5 * MEGABYTE) / line.length)
  const id = await quire.create('text')
  const [ann, ben] = [await visit(id), await visit(id)]
  await ann.goTo('start')
  await paste(ann, { sample: line, times })
  await expect.poll(async () => (await quire.text(id)).length).toBe(line.length * times)
  await ann.saved()
  await ben.goTo('end')
  await ben.type('end')
  await ben.saved()
  expect((await quire.text(id)).endsWith('this one, all of them the same.\nend')).toBe(true)
})

test('more than a document holds is taken back, with a copy for its author', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('text', 'before')
  const ann = await visit(id)
  await ann.goTo('end')
  await paste(ann, { sample: 'x'.repeat(1000), times: 10_500 })
  await expect(ann.page.getByText('We kept a copy of what you wrote')).toBeVisible()
  await ann.saved()
  await ann.type('!')
  await ann.saved()
  expect((await quire.text(id)).startsWith('before')).toBe(true)
})

test('what is no text stays out of the text', async ({ quire, visit }) => {
  for (const kind of ['rich', 'code'] as const) {
    const id = await quire.create(kind, 'text')
    const ann = await visit(id)
    await paste(ann, { sample: 'ELF\0\x01\x02', times: 3 })
    await expect(ann.page.getByText('was not text, and was left out')).toBeVisible()
    expect((await quire.text(id)).trimEnd()).toBe('text')
  }
})

test('a document that is deleted while it is open says so and gives unsaved text back', async ({
  quire,
  visit,
  between,
}) => {
  needsSockets(between)
  const id = await quire.create('text', 'text')
  const [ann, ben] = [await visit(id), await visit(id)]
  await ann.page.context().setOffline(true)
  await ann.goTo('end')
  await ann.type(' unsaved')
  await expect(ann.state).toHaveAttribute('data-state', 'offline')
  await quire.lendTo(ben.page.context())
  await ben.page.evaluate(
    ({ id, url }) =>
      new Promise<void>((resolve) => {
        const line = new WebSocket(url)
        line.onopen = () =>
          line.send(JSON.stringify({ a: 'op', c: 'documents', d: id, v: null, seq: 1, del: true }))
        line.onmessage = () => resolve()
      }),
    { id, url: quire.socket(id) },
  )
  await expect(ben.page.getByRole('heading', { name: 'This document was deleted' })).toBeVisible()
  await ann.page.context().setOffline(false)
  await expect(ann.page.getByText('the document was deleted. We kept a copy')).toBeVisible()
  await expect(ann.page.getByRole('button', { name: 'Copy my text' })).toBeVisible()
})

test('an expired session goes on as a new guest, with nothing lost', { tag: '@proxy' }, async ({
  quire,
  visit,
}) => {
  const id = await quire.create('text', 'text')
  const ann = await visit(id)
  const context = ann.page.context()
  await ann.page.evaluate(() => navigator.serviceWorker.ready)
  await quire.stop('SIGTERM')
  await ann.goTo('end')
  await ann.type(' kept')
  await context.clearCookies()
  await quire.start()
  await ann.saved()
  expect(await quire.text(id)).toBe('text kept')
  // Whoever it is now is known again the next time.
  const before = await context.cookies(quire.url)
  expect(before.map(({ name }) => name)).toEqual(['quire_guest'])
  await ann.page.reload()
  await ann.ready()
  expect(await context.cookies(quire.url)).toEqual(before)
})

test('two tabs of one person type at once and are two carets of one name', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('rich', 'middle')
  const one = await visit(id, 'Ann')
  const two = new Editor(await one.page.context().newPage())
  await two.page.goto(`${quire.url}/d/${id}`)
  await two.ready()
  await one.goTo('start')
  await two.goTo('end')
  await Promise.all([one.type('first '), two.type(' last')])
  await one.shows('first middle last')
  await two.shows('first middle last')
  await expect(one.caretOf('Ann')).toHaveCount(1)
  await quire.stop('SIGKILL')
  await one.type('1')
  await two.type('2')
  await expect(one.state).toContainText('1 change kept on this device')
  await expect(two.state).toContainText('1 change kept on this device')
  await quire.start()
  await Promise.all([one.saved(), two.saved()])
  await one.shows('first 1middle last2')
  await two.shows('first 1middle last2')
})
