import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Editor } from './editor.ts'
import { expect, test } from './quire.ts'

/** A newer Quire, as far as pages can tell: the same server with another service worker. */
class Updated {
  version = 1
  private readonly server: Server
  /** Where on its host the server is: nothing, or /docs. */
  private readonly path: string

  constructor(private readonly behind: URL) {
    this.path = behind.pathname.replace(/\/$/, '')
    this.server = createServer((asked, answer) => {
      const { method, url, headers } = asked
      const { hostname, port } = this.behind
      const passed = request({ hostname, port, method, path: url, headers }, (found) =>
        this.answer(asked, found, (status, head, body) => answer.writeHead(status, head).end(body)),
      )
      passed.on('error', () => answer.destroy())
      asked.pipe(passed)
    })
    this.server.on('upgrade', (asked: IncomingMessage, socket) => {
      const lines = [`GET ${asked.url} HTTP/1.1`]
      for (let n = 0; n < asked.rawHeaders.length; n += 2) {
        lines.push(`${asked.rawHeaders[n]}: ${asked.rawHeaders[n + 1]}`)
      }
      const through = connect(Number(this.behind.port), this.behind.hostname)
      through.write(`${lines.join('\r\n')}\r\n\r\n`)
      through.pipe(socket).pipe(through)
      for (const end of [socket, through]) end.on('error', () => through.destroy())
    })
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${this.path}`
  }

  stop(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  private async answer(
    asked: IncomingMessage,
    found: IncomingMessage,
    give: (status: number, head: Record<string, string>, body: Buffer) => void,
  ): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of found) parts.push(part as Buffer)
    let body = Buffer.concat(parts)
    if (asked.url === `${this.path}/sw.js`) body = Buffer.from(`${body}\n// ${this.version}`)
    const head = { ...(found.headers as Record<string, string>) }
    head['content-length'] = String(body.length)
    give(found.statusCode ?? 502, head, body)
  }
}

test('a newer version waits for its user, and an open tab goes on meanwhile', async ({
  quire,
  browser,
}) => {
  const updated = new Updated(new URL(quire.url))
  const url = await updated.start()
  const id = await quire.create('text', 'start')
  const context = await browser.newContext()
  const ann = new Editor(await context.newPage())
  await ann.page.goto(`${url}/d/${id}`)
  await ann.ready()
  await ann.page.evaluate(() => navigator.serviceWorker.ready)
  await expect
    .poll(() => ann.page.evaluate(() => navigator.serviceWorker.controller !== null))
    .toBe(true)
  await expect(ann.page.getByText('Quire was updated')).toHaveCount(0)

  updated.version = 2
  await ann.page.evaluate(async () => (await navigator.serviceWorker.ready).update())
  await expect(ann.page.getByText('Quire was updated')).toBeVisible()
  await ann.goTo('end')
  await ann.type(' and on')
  await ann.saved()
  await ann.page.getByRole('button', { name: 'Reload' }).click()
  await expect(ann.page.getByText('Quire was updated')).toHaveCount(0)
  await ann.ready()
  await ann.shows('start and on')
  const waiting = () =>
    ann.page.evaluate(async () => (await navigator.serviceWorker.ready).waiting === null)
  expect(await waiting()).toBe(true)
  await context.close()
  updated.stop()
})
