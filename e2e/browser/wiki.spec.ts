import type { Browser, Page } from '@playwright/test'
import { accessible } from './accessible.ts'
import { test as base, expect } from './quire.ts'
import { strictBrowser, Wiki } from './wiki.ts'

const test = base.extend<{ wiki: Wiki; strict: Browser }>({
  wiki: async ({ quire }, use) => {
    const wiki = await Wiki.start(quire, '--life', '6s')
    await use(wiki)
    wiki.stop()
  },
  strict: async ({ browser, launchOptions }, use) => {
    const strict = await strictBrowser(browser, launchOptions)
    await use(strict)
    await strict.close()
  },
})

interface Element extends HTMLElement {
  getToken?: () => Promise<string>
  call(method: string, params?: unknown): Promise<unknown>
}

/** Asks something of a document's element in the host's page. */
const ask = (page: Page, method: string, params?: unknown) =>
  page.evaluate(
    ([name, said]) =>
      (document.querySelector('quire-editor') as Element).call(name as string, said),
    [method, params] as const,
  )

/** Has a page use the commands, and answers what came of it. */
const commands = (page: Page) =>
  page.evaluate(async () => {
    const editor = document.querySelector('quire-editor') as Element
    const code = (asked: Promise<unknown>) =>
      asked.then(
        () => 'done',
        (error: { code: string }) => error.code,
      )
    await editor.call('setContents', [
      { insert: 'one', attributes: { bold: true } },
      { insert: ' two\n' },
    ])
    await editor.call('insert', { text: ' and', at: 3 })
    const italic = { retain: 3, attributes: { italic: true } }
    await editor.call('applyDelta', { ops: [{ retain: 8 }, italic] })
    const contents = await editor.call('getContents')
    await editor.call('setSelection', { index: 4, length: 3 })
    const version = (await editor.call('replaceSelection', 'or')) as number
    const saved = (await editor.call('save')) as { version: number }
    return {
      contents,
      replaced: await editor.call('getText'),
      selection: await editor.call('getSelection'),
      saved: saved.version >= version,
      people: ((await editor.call('getPresence')) as { people: unknown[] }).people,
      refused: await Promise.all([
        code(editor.call('applyDelta', [{ retain: 1000 }, { insert: 'x' }])),
        code(editor.call('applyDelta', [{ delete: 11 }])),
        code(editor.call('setText', 5)),
        code(editor.call('setContents', [{ retain: 1 }])),
        code(editor.call('__proto__')),
      ]),
    }
  })

test('another site embeds documents where third-party cookies are blocked', async ({
  wiki,
  strict,
}) => {
  const context = await strict.newContext()
  const page = await context.newPage()
  const connections: string[] = []
  page.on('websocket', (socket) => connections.push(socket.url()))
  const tokens: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/stream?document=')) connections.push(request.url())
    if (request.url().endsWith('/token?doc=wiki-minutes')) tokens.push(request.url())
  })
  const minutes = page.frameLocator('.minutes iframe')
  const notes = page.frameLocator('.notes iframe')
  const text = minutes.getByRole('textbox', { name: 'Document text' })
  const saved = page.getByText('Saved', { exact: true })

  await page.goto(wiki.url)
  await expect(text).toBeEditable()
  await expect(page.getByRole('searchbox', { name: 'Search' })).not.toBeFocused()
  expect(await minutes.locator('body').evaluate(() => window.origin)).toBe(
    new URL(wiki.quire).origin,
  )
  expect(
    await minutes.locator('body').evaluate(() => {
      // biome-ignore lint/suspicious/noDocumentCookie: Whether it has any effect is the question.
      document.cookie = 'third=party; SameSite=None; Secure'
      return document.cookie
    }),
  ).toBe('')

  await text.pressSequentially('one')
  await expect(saved).toBeVisible()
  await page.getByRole('button', { name: 'Insert the date' }).click()
  await expect(text).toContainText(/one\d\d\/\d\d\/\d{4}/)
  expect(await ask(page, 'setText', 'one\ntwo')).toBeGreaterThan(0)
  await text.press('Control+End')
  await text.pressSequentially('!')
  await text.press('Control+z')
  // Undoing is about what one typed oneself.
  await expect(text).toHaveText(/two$/)
  await ask(page, 'setText', '1 *one*\ntwo')
  expect(await ask(page, 'getMarkdown')).toBe('1 \\*one\\*\ntwo\n')
  expect(await commands(page)).toEqual({
    contents: [
      { insert: 'one', attributes: { bold: true } },
      { insert: ' and ' },
      { insert: 'two', attributes: { italic: true } },
      { insert: '\n' },
    ],
    replaced: 'one or two\n',
    selection: { index: 6, length: 0 },
    saved: true,
    people: [],
    refused: ['bad-request', 'bad-request', 'bad-request', 'bad-request', 'unknown-method'],
  })
  await ask(page, 'setText', '1 *one*\ntwo')
  await expect(notes.getByRole('textbox')).toBeEditable()
  await notes.getByRole('textbox').pressSequentially('beside')

  // Where the element is moved its frame greets anew. An answer that is repeated gets no second channel.
  expect(
    await page.evaluate(async () => {
      const editor = document.querySelector('quire-editor') as Element
      const elsewhere = document.createElement('section')
      editor.before(elsewhere)
      const hello = await new Promise<MessageEvent>((resolve) => {
        addEventListener('message', resolve, { once: true })
        elsewhere.append(editor)
      })
      await new Promise((resolve) =>
        editor.addEventListener('quire-ready', resolve, { once: true }),
      )
      const { port1, port2 } = new MessageChannel()
      const heard: unknown[] = []
      port1.onmessage = ({ data }) => heard.push(data)
      const { nonce } = hello.data
      const frame = editor.querySelector('iframe')?.contentWindow
      frame?.postMessage({ quire: 1, type: 'connect', nonce, config: {} }, '*', [port2])
      port1.postMessage({ id: 1, method: 'getText' })
      await editor.call('getText')
      await editor.call('getText')
      return heard
    }),
  ).toEqual([])

  const before = { connections: connections.length, tokens: tokens.length }
  await expect.poll(() => tokens.length).toBeGreaterThan(before.tokens + 1)
  await text.press('Control+End')
  await text.pressSequentially('?')
  await expect(saved).toBeVisible()
  // Without a new token one can read for a while, and nothing is lost.
  await page.evaluate(() => {
    const editor = document.querySelector('quire-editor') as Element
    editor.getToken = () => Promise.reject(new Error('signed out'))
  })
  await expect(minutes.getByText('Your access has expired.')).toBeVisible()
  await expect(text).toHaveAttribute('contenteditable', 'false')
  await expect(text).toContainText('two?')
  await page.evaluate(async () => {
    const editor = document.querySelector('quire-editor') as Element
    editor.getToken = async () => (await fetch('/token?doc=wiki-minutes')).text()
    await editor.call('setToken', await editor.getToken())
  })
  await expect(text).toHaveAttribute('contenteditable', 'true')
  await expect(minutes.getByText('Your access has expired.')).toBeHidden()
  expect(connections.length).toBe(before.connections)

  await accessible(page)
  await page.getByRole('button', { name: 'Read only' }).click()
  await expect(text).toHaveAttribute('contenteditable', 'false')
  await page.getByRole('button', { name: 'Read only' }).click()
  await expect(text).toHaveAttribute('contenteditable', 'true')

  // In a list Tab indents.
  await text.press('Control+Home')
  await text.pressSequentially('- ')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Tab')
  const focused = () =>
    page.evaluate(() => document.activeElement?.closest('quire-editor')?.className)
  await expect.poll(focused).not.toBe('minutes')

  expect(await context.cookies(wiki.quire)).toEqual([])
  await text.press('Control+End')
  await text.pressSequentially(' at last')
  await expect(saved).toBeVisible()
  await page.close()
  await expect.poll(() => wiki.saved('wiki-minutes')).toBe('1 *one*\ntwo? at last\n')
  expect(await wiki.saved('wiki-notes')).toBe('beside\n')
})
