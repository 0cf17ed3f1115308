import { crc32, deflateSync } from 'node:zlib'
import type { Page } from '@playwright/test'
import { accessible } from './accessible.ts'
import { expect, test } from './quire.ts'

/** A PNG of one colour, with a secret that a camera might have written. */
function png(side: number): Buffer {
  const chunk = (name: string, body: Buffer) => {
    const named = Buffer.concat([Buffer.from(name), body])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(body.length)
    sum.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, sum])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(side, 0)
  head.writeUInt32BE(side, 4)
  head.writeUInt8(8, 8)
  const rows = deflateSync(Buffer.alloc((side + 1) * side))
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('tEXt', Buffer.from('Author\0Ann, 52.5163 N')),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Pastes or drops a file into the text, as the browser would tell the page. */
async function give(page: Page, how: 'paste' | 'drop', bytes: Buffer, type: string) {
  await page.getByRole('textbox', { name: 'Document text' }).evaluate(
    (text, { how, data, type }) => {
      const file = new File([Uint8Array.from(data)], 'photo', { type })
      const transfer = new DataTransfer()
      transfer.items.add(file)
      const { left, top } = text.getBoundingClientRect()
      const options = { bubbles: true, cancelable: true }
      const event =
        how === 'paste'
          ? new ClipboardEvent('paste', { ...options, clipboardData: transfer })
          : new DragEvent('drop', {
              ...options,
              dataTransfer: transfer,
              clientX: left + 40,
              clientY: top + 30,
            })
      text.dispatchEvent(event)
    },
    { how, data: [...bytes], type },
  )
}

const widthOf = (page: Page) => page.locator('.rich img.embed').evaluate((e) => e.clientWidth)

test('a picture is pasted into rich text, described, made larger, and seen by all', {
  tag: '@proxy',
}, async ({ quire, visit }) => {
  const id = await quire.create('rich', 'text')
  const [ann, ben] = [await visit(id), await visit(id)]
  await ann.goTo('end')
  await give(ann.page, 'paste', png(64), 'image/png')
  const seen = ben.page.locator('.rich img.embed')
  await expect(seen).toHaveJSProperty('naturalWidth', 64)
  const address = (await seen.getAttribute('src')) ?? ''
  const bytes = Buffer.from(await (await fetch(quire.url + address)).arrayBuffer())
  expect(bytes.toString('latin1')).not.toContain('Ann')

  await ann.page.locator('.rich img.embed').click()
  await ann.page.getByLabel(/Description/).fill('A grey square')
  await ann.page.keyboard.press('Enter')
  await expect(seen).toHaveAttribute('alt', 'A grey square')
  await ann.page.getByRole('button', { name: 'Larger' }).click()
  await expect.poll(() => widthOf(ben.page)).toBe(80)
  await accessible(ann.page)
  await ann.page.getByRole('button', { name: 'Remove picture' }).click()
  await expect(seen).toHaveCount(0)
  await ann.text.press('Control+z')
  await expect(seen).toHaveJSProperty('naturalWidth', 64)
})

test('a picture is chosen or dropped in Markdown, and seen in the preview', {
  tag: '@proxy',
}, async ({ quire, visit }) => {
  const id = await quire.create('markdown', 'one')
  const ann = await visit(id)
  await ann.goTo('end')
  const chooser = ann.page.waitForEvent('filechooser')
  await ann.page.getByRole('button', { name: 'Picture' }).click()
  await (await chooser).setFiles({ name: 'a.png', mimeType: 'image/png', buffer: png(8) })
  const reference = /!\[\]\(\/api\/v1\/documents\/[\w-]+\/images\/[\w-]{43}\)/
  await expect.poll(() => quire.text(id)).toMatch(reference)
  await give(ann.page, 'drop', png(9), 'image/png')
  await expect
    .poll(() => quire.text(id))
    .toMatch(new RegExp(`${reference.source}[^]*${reference.source}`))
  await ann.saved()
  await ann.page.getByRole('button', { name: /side by side/i }).click()
  const shown = ann.page.locator('.preview img, .markdown img, main img')
  await expect(shown.first()).toHaveJSProperty('complete', true)
  await expect
    .poll(() => shown.first().evaluate((e: HTMLImageElement) => e.naturalWidth))
    .toBeGreaterThan(7)
})

test('what cannot be a picture is refused in words, and sending can be cancelled', async ({
  quire,
  visit,
}) => {
  const ann = await visit(await quire.create('rich', 'text'))
  const { page } = ann
  await expect(page.getByRole('button', { name: 'Picture' })).toBeVisible()
  await give(page, 'paste', Buffer.from('%PDF-1.7'), 'application/pdf')
  await expect(page.getByText('Only pictures can be put in')).toBeVisible()
  await give(page, 'drop', Buffer.from('no picture'), 'image/png')
  await expect(page.getByText('Only pictures can be put in')).toBeVisible()
  await give(page, 'paste', png(64).subarray(0, 80), 'image/png')
  await expect(page.getByText('This picture is damaged')).toBeVisible()

  await page.route('**/images', () => {}) // It never arrives.
  await give(page, 'paste', png(64), 'image/png')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('progressbar')).toHaveCount(0)

  await quire.stop('SIGKILL')
  await expect(ann.state).toHaveAttribute('data-state', 'offline')
  await give(page, 'paste', png(64), 'image/png')
  await expect(page.getByText('You are offline. A picture can be added')).toBeVisible()
  await expect(page.locator('.rich img.embed')).toHaveCount(0)
})

test('pictures are offered once they can be put in', async ({ quire, page }) => {
  const id = await quire.create('markdown', 'one')
  let arrive = () => {}
  const held = new Promise<void>((resolve) => {
    arrive = resolve
  })
  await page.context().route(/\/pictures-[^/]*\.js/, async (route) => {
    await held
    await route.continue()
  })
  await page.goto(`${quire.url}/d/${id}`)
  const button = page.getByRole('button', { name: 'Picture' })
  await expect(button).toBeVisible()
  await expect(button).toBeDisabled()
  arrive()
  await expect(button).toBeEnabled()
})
