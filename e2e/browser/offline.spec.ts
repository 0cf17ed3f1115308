import type { Page } from '@playwright/test'
import { Editor } from './editor.ts'
import { expect, test } from './quire.ts'

/** Waits until the pages and the present text are kept on the device. */
async function keptOn(page: Page, text: string): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.evaluate(() => dispatchEvent(new Event('pagehide')))
  const copies = () =>
    page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const open = indexedDB.open('quire')
          open.onsuccess = () => {
            const all = open.result.transaction('copies').objectStore('copies').getAll()
            all.onsuccess = () => {
              open.result.close()
              resolve(JSON.stringify(all.result))
            }
          }
        }),
    )
  await expect.poll(copies).toContain(text)
}

for (const kind of ['rich', 'markdown'] as const) {
  test(`a ${kind} document opens without the server, with work that an earlier tab left, and is merged when the server is back`, {
    tag: kind === 'rich' ? '@proxy' : [],
  }, async ({ quire, visit }) => {
    const id = await quire.create(kind, 'start')
    const ann = await visit(id)
    await keptOn(ann.page, 'start')
    await quire.stop('SIGKILL')
    await ann.goTo('end')
    await ann.type(' kept')
    await expect(ann.state).toContainText('5 changes kept on this device')
    const context = ann.page.context()
    await ann.page.close()

    const again = new Editor(await context.newPage())
    await again.page.goto(`${quire.url}/d/${id}`)
    await again.shows('start kept')
    await again.goTo('end')
    await again.type(' and more')
    await expect(again.state).toContainText('14 changes kept on this device')
    const second = new Editor(await context.newPage())
    await second.page.goto(`${quire.url}/d/${id}`)
    await second.shows('start')

    await quire.start()
    await again.saved()
    await again.shows('start kept and more')
    await second.shows('start kept and more')
    expect((await quire.text(id)).trimEnd()).toBe('start kept and more')
  })
}

test('who comes back hears what others did meanwhile, and sees it', async ({ quire, visit }) => {
  for (const kind of ['rich', 'text'] as const) {
    const id = await quire.create(kind, 'start')
    const [ann, ben] = [await visit(id, 'Ann'), await visit(id, 'Ben')]
    await expect(ann.people.getByRole('button', { name: 'Ben' })).toBeVisible()
    await keptOn(ann.page, 'start')
    const context = ann.page.context()
    await ann.page.close()
    await ben.goTo('end')
    await ben.type('!?')
    await ben.saved()
    const page = await context.newPage()
    // The clock of this device is an hour off, too.
    await page.clock.setSystemTime(Date.now() - 3_600_000)
    await page.goto(`${quire.url}/d/${id}`)
    await expect(page.getByText(/While you were away: \d changes? by Ben/)).toBeVisible()
    await expect(page.locator('.came-meanwhile')).toHaveText('!?')
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await expect(page.locator('.came-meanwhile')).toHaveCount(0)
  }
})

test('a browser that keeps nothing works, and says that the tab has to stay open', async ({
  quire,
  visit,
  browser,
}) => {
  const id = await quire.create('text', 'start')
  const context = await browser.newContext()
  await context.addInitScript(() => {
    const refuse = () => {
      throw new DOMException('nothing is kept here', 'SecurityError')
    }
    Object.defineProperty(window, 'indexedDB', { get: refuse })
    Object.defineProperty(window, 'localStorage', { get: refuse })
  })
  const ann = new Editor(await context.newPage())
  await ann.page.goto(`${quire.url}/d/${id}`)
  await ann.ready()
  await quire.stop('SIGKILL')
  await ann.goTo('end')
  await ann.type('!')
  await expect(ann.state).toContainText('keep this tab open, 1 change not saved')
  await quire.start()
  await ann.saved()
  expect(await quire.text(id)).toBe('start!')
  const ben = await visit(id)
  await ben.shows('start!')
  await context.close()
})

test('a device without room says that the tab has to stay open', async ({ quire, visit }) => {
  const ann = await visit(await quire.create('text', 'start'))
  await ann.page.evaluate(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('no room', 'QuotaExceededError')
    }
  })
  await quire.stop('SIGKILL')
  await ann.type('!')
  await expect(ann.state).toContainText('keep this tab open, 1 change not saved')
  await quire.start()
  await ann.saved()
})

test('a server without room says so, keeps what was written on the device, and takes it when there is room', async ({
  quire,
  visit,
}) => {
  await quire.stop('SIGTERM')
  quire.settings.push('--max-data-bytes', '5000000')
  await quire.start()
  const id = await quire.create('text', 'start')
  await quire.fill()
  const ann = await visit(id)
  await ann.goTo('end')
  await ann.type('!')
  await expect(ann.state).toContainText('disk is full or read-only – 1 change kept on this device')
  expect(await quire.text(id)).toBe('start')

  await quire.stop('SIGTERM')
  quire.settings.length = 0
  await quire.start()
  await ann.page.getByRole('button', { name: 'Try now' }).click()
  await ann.saved()
  expect(await quire.text(id)).toBe('start!')
})
