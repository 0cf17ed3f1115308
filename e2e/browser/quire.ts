import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type BrowserContext, test as base, expect } from '@playwright/test'
import { Editor } from './editor.ts'
import { type Between, Nginx } from './nginx.ts'

export type Kind = 'text' | 'markdown' | 'code' | 'rich'
export const kinds: Kind[] = ['text', 'markdown', 'code', 'rich']

const binary = fileURLToPath(new URL('../../bin/quire', import.meta.url))

/**
 * A running server on data of its own, which a test may kill and start again at the same address. It may be behind a proxy, which
 * stays.
 */
export class Quire {
  private process: ChildProcess | undefined
  private readonly data = mkdtempSync(join(tmpdir(), 'quire-e2e-'))
  private readonly proxy: Nginx | null
  /** Where it listens, host:port. */
  private listen = '127.0.0.1:0'
  /** Where browsers find it. */
  url = ''
  /** More settings for the next start. */
  readonly settings: string[] = []
  /** What the test itself is known by: it owns the documents that it creates. */
  private cookie = ''

  private readonly between: Between | null

  constructor(between: Between | null = null) {
    this.between = between
    this.proxy = between && new Nginx(this.data, between)
  }

  async start(): Promise<void> {
    const below = this.proxy ? ['--base-path', Nginx.path, '--trusted-proxy', '127.0.0.1'] : []
    const child = spawn(
      binary,
      [
        ...['serve', '--listen', this.listen, '--data', join(this.data, 'data')],
        ...below,
        ...this.settings,
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
    this.process = child
    for await (const line of createInterface({ input: child.stdout })) {
      const address = /http:\/\/\S+/.exec(line)
      if (address) {
        this.listen = new URL(address[0]).host
        this.url ||= (await this.proxy?.start(this.listen)) ?? address[0]
        child.stdout.resume()
        return
      }
    }
    throw new Error(`${binary} ended before it listened`)
  }

  /** Ends the server at once, as a power cut would, or in order. */
  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await gone
  }

  async remove(): Promise<void> {
    await this.stop('SIGKILL')
    await this.proxy?.stop()
    rmSync(this.data, { recursive: true, force: true })
  }

  async create(kind: Kind, text = '', title = ''): Promise<string> {
    const answer = await this.ask('POST', '', { kind, text, title })
    const { id } = (await answer.json()) as { id: string }
    return id
  }

  /** Creates documents that do not compress until the server has no room. */
  async fill(): Promise<void> {
    for (let n = 0; n < 20; n++) {
      const text = randomBytes(3 << 20).toString('base64')
      const answer = await this.ask('POST', '', { kind: 'text', text })
      if (answer.status === 507) return
    }
    throw new Error('the server takes everything')
  }

  /** Changes who may open a document, as its owner. */
  async share(id: string, change: object): Promise<void> {
    const answer = await this.ask('PATCH', `/${id}/access`, change)
    if (!answer.ok) throw new Error(await answer.text())
  }

  /** Runs a command on its data, while it runs. */
  command(...args: string[]): string {
    const [name = '', ...rest] = args
    const at = ['--data', join(this.data, 'data')]
    return execFileSync(binary, [name, rest.shift() ?? '', ...at, ...rest], { encoding: 'utf8' })
  }

  /** Makes a link to a document, as its owner, and returns its address. */
  async link(id: string, wanted: object): Promise<string> {
    const answer = await this.ask('POST', `/${id}/links`, wanted)
    const { path } = (await answer.json()) as { path: string }
    return new URL(path, this.url).href
  }

  /** Has a browser known as the test itself. */
  async lendTo(context: BrowserContext): Promise<void> {
    const [name = '', value = ''] = this.cookie.split('=')
    await context.addCookies([{ name, value, url: `${this.url}/` }])
  }

  private async ask(method: string, path: string, body: object): Promise<Response> {
    const answer = await fetch(`${this.url}/api/v1/documents${path}`, {
      method,
      headers: this.cookie ? { cookie: this.cookie } : {},
      body: JSON.stringify(body),
    })
    this.cookie ||= answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    return answer
  }

  async text(id: string): Promise<string> {
    return await (await fetch(`${this.url}/api/v1/documents/${id}/text`)).text()
  }

  async delta(id: string): Promise<unknown> {
    const answer = await fetch(`${this.url}/api/v1/documents/${id}`)
    return ((await answer.json()) as { delta: unknown }).delta
  }

  /** Where programs find a document's socket: past what passes none on. */
  socket(id: string): string {
    const url =
      this.proxy && this.between !== 'nginx' ? `http://${this.listen}${Nginx.path}` : this.url
    return `${url.replace('http', 'ws')}/ws/${id}`
  }
}

/** Skips a test that itself needs a WebSocket in a page, where none passes. */
export function needsSockets(between: Between | null): void {
  test.skip(between === 'blocked' || between === 'gateway', 'no WebSocket passes here')
}

/** Opens a document as a new person in a browser of their own. */
export type Visit = (id: string, name?: string) => Promise<Editor>

interface Given {
  /** What stands between browsers and the server. */
  between: Between | null
  quire: Quire
  visit: Visit
}

export const test = base.extend<Given>({
  between: [null, { option: true }],
  quire: async ({ between }, use) => {
    const quire = new Quire(between)
    await quire.start()
    await use(quire)
    await quire.remove()
  },
  visit: async ({ browser, quire }, use) => {
    const contexts: BrowserContext[] = []
    const violations: string[] = []
    await use(async (id, name) => {
      const context = await browser.newContext()
      contexts.push(context)
      context.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) violations.push(message.text())
      })
      return await visitAs(context, quire, id, name)
    })
    for (const context of contexts) await context.close()
    expect(violations, 'what pages did against their own content policy').toEqual([])
  },
})

async function visitAs(context: BrowserContext, quire: Quire, id: string, name?: string) {
  const editor = new Editor(await context.newPage())
  await editor.page.goto(`${quire.url}/d/${id}`)
  await editor.ready()
  if (name) await editor.callMyself(name)
  return editor
}

export { expect } from '@playwright/test'
