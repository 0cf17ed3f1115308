import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Browser, LaunchOptions } from '@playwright/test'
import type { Quire } from './quire.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The example of a site that embeds documents, at 127.0.0.1; the server it embeds is at localhost, which is another site to browsers. */
export class Wiki {
  readonly url: string
  /** Where frames of it are from. */
  readonly quire: string
  private readonly folder: string
  private readonly process: ChildProcess

  private constructor(url: string, quire: string, folder: string, process: ChildProcess) {
    this.url = url
    this.quire = quire
    this.folder = folder
    this.process = process
  }

  /** Makes the site known to a server, and starts it. */
  static async start(quire: Quire, ...more: string[]): Promise<Wiki> {
    const folder = mkdtempSync(join(tmpdir(), 'quire-wiki-'))
    const binary = join(folder, 'wiki')
    execFileSync('go', ['build', '-o', binary, './examples/embed'], { cwd: root })
    const listen = `127.0.0.1:${await freePort()}`
    const address = quire.url.replace('127.0.0.1', 'localhost')
    const known = quire.command(
      ...['site', 'add', '--origin', `http://${listen}`, '--audience', address],
      ...['--callback', `http://${listen}/saved`, '--document', 'wiki-*', 'wiki'],
    )
    const said = (what: string) => new RegExp(`^${what} (\\S+)`, 'm').exec(known)?.[1] ?? ''
    const settings = { quire: address, site: said('site'), secret: said('secret') }
    const flags = { listen, ...settings, 'callback-secret': said('callback-secret') }
    const child = spawn(
      binary,
      [...Object.entries(flags).map(([name, value]) => `--${name}=${value}`), ...more],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.includes(listen)) throw new Error(line)
      break
    }
    return new Wiki(`http://${listen}`, address, folder, child)
  }

  /** The text of a document, as the server has told the site that it is saved; undefined if it has not. */
  async saved(document: string): Promise<string | undefined> {
    const answer = await fetch(`${this.url}/saved`)
    return ((await answer.json()) as Record<string, { text: string }> | null)?.[document]?.text
  }

  stop(): void {
    this.process.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/**
 * A browser as people have it, which keeps apart what sites store in each other's frames and gives frames no cookies there. For
 * tests it is started otherwise, so that is taken back: of the features that are switched off, that one is left on.
 */
export async function strictBrowser(usual: Browser, options: LaunchOptions): Promise<Browser> {
  const page = await usual.newPage()
  await page.goto('chrome://version')
  const line = (await page.locator('#command_line').textContent()) ?? ''
  await page.close()
  const off = [...line.matchAll(/--disable-features=\S+/g)].map(([flag]) => flag)
  const left = off.map((flag) => flag.replace(/\bThirdPartyStoragePartitioning,?/, ''))
  if (left.join() === off.join()) throw new Error(`frames are not kept apart otherwise: ${line}`)
  return await usual.browserType().launch({
    ...options,
    ignoreDefaultArgs: off,
    args: [...(options.args ?? []), '--test-third-party-cookie-phaseout', ...left],
  })
}
