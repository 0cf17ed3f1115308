import { createHmac, randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, type Quire, test } from './quire.ts'

/** A page of another site than 127.0.0.1, to browsers, that shows an address in a frame. */
async function hostOf(shown: () => string): Promise<{ server: Server; origin: string }> {
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html')
    answer.end(`<!doctype html><title>Wiki</title><input aria-label="Search">
      <iframe title="Minutes" width="900" height="500" src="${shown()}"></iframe>`)
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  return { server, origin: `http://localhost:${(server.address() as AddressInfo).port}` }
}

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=',
  'base64',
)

const know = (quire: Quire, origin: string) =>
  quire.command('site', 'add', '--origin', origin, '--audience', quire.url, 'wiki')

test('a page of a known site shows a document in a frame, and any other is told what is missing', async ({
  quire,
  browser,
}) => {
  const id = await quire.create('text', 'minutes')
  const { server, origin } = await hostOf(() => `${quire.url}/embed/${id}`)
  const context = await browser.newContext()
  const page = await context.newPage()
  const frame = page.frameLocator('iframe')

  await page.goto(origin)
  await expect(frame.getByText(`quire site add --origin ${origin}`)).toBeVisible()

  know(quire, origin)
  await page.reload()
  const text = frame.getByRole('textbox', { name: 'Document text' })
  await expect(text).toBeEditable()
  await text.focus()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(' of today')
  await expect.poll(() => quire.text(id)).toBe('minutes of today')
  await context.close()
  server.close()
})

test('a link opens a restricted document in a frame where cookies of other sites are blocked', async ({
  quire,
  browser,
}) => {
  const id = await quire.create('markdown')
  const owner = await browser.newContext()
  await quire.lendTo(owner)
  const api = `${quire.url}/api/v1/documents/${id}`
  const added = await owner.request.post(`${api}/images`, { data: PIXEL })
  const { url } = (await added.json()) as { url: string }
  await owner.request.put(`${api}/text`, { data: `![a pixel](${url})\n\nminutes` })
  await owner.close()
  await quire.share(id, { general: 'restricted' })
  const link = (await quire.link(id, { role: 'editor' })).replace('/d/', '/embed/')
  let asked = ''
  const { server, origin } = await hostOf(() => link.replace('#', `?${asked}#`))
  know(quire, origin)
  const context = await browser.newContext()
  const page = await context.newPage()
  const frame = page.frameLocator('iframe')

  await page.goto(origin)
  const text = frame.getByRole('textbox', { name: 'Document text' })
  await expect(text).toBeEditable()
  await expect(page.getByRole('textbox', { name: 'Search' })).not.toBeFocused()
  await text.focus()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(' of today')
  await expect(frame.locator('[data-state=saved]')).toBeVisible()
  const picture = frame.locator('.preview').getByRole('img', { name: 'a pixel' })
  await expect(picture).toHaveJSProperty('naturalWidth', 1)
  await expect(text).not.toContainText('ticket')
  await frame.getByRole('button', { name: 'History' }).click()
  await expect(frame.getByRole('dialog', { name: /History/ })).toContainText('minutes of today')

  asked = 'readonly&theme=dark&lang=de&ui=compact'
  await page.reload()
  await expect(frame.getByText('Nur lesen')).toBeVisible()
  const german = frame.getByRole('textbox', { name: 'Text des Dokuments' })
  await expect(german).toContainText('minutes of today')
  await expect(german).not.toBeEditable()
  await expect(frame.locator('.history-button')).toBeHidden()
  await expect(frame.locator('html')).toHaveCSS('color-scheme', 'dark')
  // Its cookies are Lax, and so not for frames in other sites: all of this went without.
  expect(await context.cookies(quire.url)).toEqual([])
  await context.close()
  server.close()
})

/** A token as a site's server signs it. */
function sign(secret: string, claims: object): string {
  const encode = (said: object) => Buffer.from(JSON.stringify(said)).toString('base64url')
  const said = `${encode({ alg: 'HS256' })}.${encode(claims)}`
  return `${said}.${createHmac('sha256', secret).update(said).digest('base64url')}`
}

test('a page without a script shows a document with a token in the address of its frame', async ({
  quire,
  page,
}) => {
  let address = ''
  const { server, origin } = await hostOf(() => address)
  const known = quire.command(
    ...['site', 'add', '--origin', origin, '--audience', quire.url, 'wiki'],
  )
  const [, iss = '', secret = ''] = /site (\S+)\nsecret (\S+)/.exec(known) ?? []
  const now = Math.floor(Date.now() / 1000)
  const times = { iat: now, exp: now + 300, jti: randomUUID() }
  const who = { iss, aud: quire.url, sub: 'ann', name: 'Ann', create: true, kind: 'text' }
  const token = sign(secret, { ...who, ...times, doc: 'wiki-1', role: 'viewer' })
  const asked = 'lines&font=mono&lang=de-AT&dir=rtl&readonly=false&role=editor'
  address = `${quire.url}/embed/wiki-1?${asked}#t=${token}`
  await page.goto(origin)
  const frame = page.frameLocator('iframe')
  const text = frame.getByRole('textbox', { name: 'Text des Dokuments' })
  await expect(text).toHaveAttribute('contenteditable', 'false')
  await expect(frame.locator('html')).toHaveAttribute('dir', 'rtl')
  await expect(frame.locator('.cm-lineNumbers')).toContainText('1')
  await expect(text).toHaveCSS('font-family', /monospace/)
  expect(page.frames()[1]?.url()).toBe(address.split('#')[0])

  await page.reload()
  await expect(frame.getByRole('alert')).toContainText('Token ist nicht gültig')
  server.close()
})
