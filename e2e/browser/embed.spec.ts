import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from './quire.ts'

test('a page of a known site shows a document in a frame, and any other is told what is missing', async ({
  quire,
  browser,
}) => {
  const id = await quire.create('text', 'minutes')
  // Another site than 127.0.0.1, to browsers.
  const host = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html')
    answer.end(`<!doctype html><title>Wiki</title><iframe title="Minutes" width="900" height="500"
      src="${quire.url}/embed/${id}"></iframe>`)
  })
  await new Promise<void>((resolve) => host.listen(0, resolve))
  const origin = `http://localhost:${(host.address() as AddressInfo).port}`
  const context = await browser.newContext()
  const page = await context.newPage()
  const frame = page.frameLocator('iframe')

  await page.goto(origin)
  await expect(frame.getByText(`quire site add --origin ${origin}`)).toBeVisible()

  quire.command('site', 'add', '--origin', origin, '--audience', quire.url, 'wiki')
  await page.reload()
  const text = frame.getByRole('textbox', { name: 'Document text' })
  await expect(text).toBeEditable()
  await text.focus()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(' of today')
  await expect.poll(() => quire.text(id)).toBe('minutes of today')
  await context.close()
  await new Promise((resolve) => host.close(resolve))
})
