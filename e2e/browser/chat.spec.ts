import type { Page } from '@playwright/test'
import { accessible } from './accessible.ts'
import { Editor } from './editor.ts'
import { expect, needsSockets, test } from './quire.ts'

/** The conversation as one person sees it. */
class Chat {
  constructor(readonly page: Page) {}

  get button() {
    return this.page.locator('.chat-button')
  }
  get log() {
    return this.page.getByRole('log')
  }
  get field() {
    return this.page.locator('.chat textarea')
  }

  async open(): Promise<void> {
    await this.button.click()
    await expect(this.field).toBeFocused()
  }

  async say(text: string, to?: string): Promise<void> {
    if (to) await this.page.getByLabel('To', { exact: true }).selectOption({ label: to })
    await this.field.fill(text)
    await this.field.press('Enter')
  }
}

test('people talk beside a document, to everybody and to one', async ({ quire, visit }) => {
  const id = await quire.create('text', 'words')
  const people = [await visit(id, 'Ann'), await visit(id, 'Ben'), await visit(id, 'Eve')] as const
  const [ann, ben, eve] = people.map(({ page }) => new Chat(page)) as [Chat, Chat, Chat]
  await ann.open()
  await expect(ann.log).toContainText('Nothing has been said here yet')
  await ann.say('**Hello** all, see https://example.org/x.')
  await expect(ann.log.locator('strong')).toHaveText('Hello')
  await expect(ann.log.getByRole('link')).toHaveAttribute('href', 'https://example.org/x')
  await expect(ann.log.getByRole('link')).toHaveAttribute('rel', /noopener/)
  await expect(ben.button).toHaveAccessibleName('Open chat, 1 unread message')

  await ben.open()
  await expect(ben.log).toContainText('Hello all')
  await ben.field.fill('@A')
  await ben.page.keyboard.press('Enter')
  await expect(ben.field).toHaveValue('@Ann ')
  await expect(ann.page.locator('.typists')).toHaveText('Ben is writing…')
  await ben.say('@Ann <img src=x onerror=alert(1)>')
  await expect(ann.log.locator('.mention')).toHaveText('@Ann')
  await expect(ann.log).toContainText('<img src=x onerror=alert(1)>')
  await expect(ann.page.locator('.typists')).toHaveText('')

  await ann.say('between us', 'Ben')
  await expect(ben.log.getByText('only to you')).toBeVisible()
  await ann.say('for all', 'Everybody')
  await eve.open()
  await expect(eve.log).toContainText('for all')
  await expect(eve.log).not.toContainText('between us')
  await accessible(ann.page)
  await ann.page.keyboard.press('Escape')
  await expect(ann.log).toHaveCount(0)
})

test('what is said to somebody who is away waits for them, and survives the server', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('rich')
  const [ann, ben] = [await visit(id, 'Ann'), await visit(id, 'Ben')]
  const [annChat, benChat] = [new Chat(ann.page), new Chat(ben.page)]
  await benChat.open()
  await benChat.say('I am off')
  await annChat.open()
  await expect(annChat.log).toContainText('I am off')
  await ben.page.goto('about:blank')
  await annChat.say('come back', 'Ben')
  await expect(annChat.log.locator('.said:not([data-waiting])')).toHaveCount(2)
  await quire.stop('SIGKILL')
  await annChat.say('said offline', 'Everybody')
  await expect(annChat.log).toContainText('Not sent yet')
  await ann.page.reload()
  await quire.start()
  await annChat.open()
  await expect(annChat.log.locator('.said:not([data-waiting])')).toHaveCount(3)
  await ben.page.goto(`${quire.url}/d/${id}`)
  await expect(benChat.button).toHaveAccessibleName('Open chat, 2 unread messages')
  await benChat.open()
  await expect(benChat.log).toContainText('come back')
  await expect(benChat.log).toContainText('said offline')
  await expect(benChat.log.getByText('said offline')).toHaveCount(1)
})

test('a long conversation is read page by page', async ({ quire, visit, between }) => {
  needsSockets(between)
  const id = await quire.create('text')
  const ann = await visit(id, 'Ann')
  const chat = new Chat(ann.page)
  await chat.open()
  const said = ann.page.locator('.said')
  await ann.page.evaluate(
    ({ socket, id, count }) =>
      new Promise<void>((resolve) => {
        const line = new WebSocket(socket)
        let heard = 0
        line.onopen = () => {
          for (let n = 0; n < count; n++) {
            const m = { text: `message ${n}.`, name: 'Ann' }
            line.send(JSON.stringify({ a: 'q:chat', c: 'documents', d: id, id: `${n}`, m }))
          }
        }
        line.onmessage = () => {
          if (++heard === count) resolve()
        }
      }),
    { socket: quire.socket(id), id, count: 130 },
  )
  await expect(said).toHaveCount(130)
  await ann.page.reload()
  await chat.open()
  await expect(chat.log).toContainText('message 129.')
  await expect(chat.log).not.toContainText('message 20.')
  for (let page = 0; page < 3 && (await chat.log.getByText('message 0.').count()) === 0; page++) {
    const before = await said.count()
    await ann.page.getByRole('button', { name: 'Show older messages' }).click()
    await expect.poll(() => said.count()).toBeGreaterThan(before)
  }
  await expect(said).toHaveCount(130)
  await expect(ann.page.getByRole('button', { name: 'Show older messages' })).toHaveCount(0)
})

/** Has a part of the page wait until the test lets it come. */
async function hold(page: Page, part: RegExp): Promise<() => void> {
  let arrive = () => {}
  const here = new Promise<void>((resolve) => {
    arrive = resolve
  })
  await page.route(part, async (route) => {
    await here
    await route.continue()
  })
  return arrive
}

test('a conversation that is long in coming leaves the keys where the user has gone meanwhile', async ({
  quire,
  browser,
}) => {
  const context = await browser.newContext({ serviceWorkers: 'block' })
  const page = await context.newPage()
  const arrive = await hold(page, /assets\/chat-.*\.js/)
  const ann = new Editor(page)
  await page.goto(`${quire.url}/d/${await quire.create('rich')}`)
  await expect(ann.text).toBeEditable()
  await page.getByRole('button', { name: 'Chat', exact: true }).click()
  await ann.type('written while it was loaded')
  arrive()
  const field = page.getByRole('complementary', { name: 'Chat' }).getByRole('textbox')
  await expect(field).toBeVisible()
  await page.keyboard.type(', and after')
  await ann.shows('written while it was loaded, and after')
  await expect(field).toHaveValue('')
  // Who waits for it has the caret in it.
  await page.getByRole('button', { name: 'Chat', exact: true }).click()
  await page.getByRole('button', { name: 'Chat', exact: true }).click()
  await expect(field).toBeFocused()
  await context.close()
})

test('who opens the conversation before the document is there stays in it', async ({
  quire,
  browser,
}) => {
  const context = await browser.newContext({ serviceWorkers: 'block' })
  const page = await context.newPage()
  const arrive = await hold(page, /assets\/prosemirror-.*\.js/)
  await page.goto(`${quire.url}/d/${await quire.create('rich')}`)
  await page.getByRole('button', { name: 'Chat', exact: true }).click()
  arrive()
  await expect(new Editor(page).text).toBeEditable()
  const field = page.getByRole('complementary', { name: 'Chat' }).getByRole('textbox')
  await expect(field).toBeFocused()
  await page.keyboard.type('said')
  await expect(field).toHaveValue('said')
  await context.close()
})
