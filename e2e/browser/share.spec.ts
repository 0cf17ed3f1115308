import { createHash } from 'node:crypto'
import type { Browser, Page } from '@playwright/test'
import { accessible } from './accessible.ts'
import { Editor } from './editor.ts'
import { expect, type Quire, test } from './quire.ts'

/** The document in the browser of whoever owns it, who may read what was copied. */
async function ownerOf(browser: Browser, quire: Quire, id: string): Promise<Editor> {
  const context = await browser.newContext()
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await quire.lendTo(context)
  const editor = new Editor(await context.newPage())
  await editor.page.goto(`${quire.url}/d/${id}`)
  await editor.ready()
  return editor
}

const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'Share' })
const copiedIn = (page: Page) => page.evaluate(() => navigator.clipboard.readText())

/** Whether everything in the dialog is within it. */
const fits = (page: Page) =>
  dialogOf(page).evaluate((dialog) => dialog.scrollWidth <= dialog.clientWidth)

test('an owner lets everybody view in two clicks, and hands out an edit link that can be revoked', {
  tag: '@proxy',
}, async ({ quire, browser, visit }) => {
  const id = await quire.create('text', 'shared text')
  const ann = await ownerOf(browser, quire, id)
  const ben = await visit(id, 'Ben')
  const dialog = dialogOf(ann.page)
  await ann.page.getByRole('button', { name: 'Share' }).click()
  await expect(dialog).toContainText('Anyone who has the link can edit; you are the owner.')
  await dialog.getByRole('radio', { name: 'can view' }).check()
  await expect(ben.state).toHaveText('Read only')
  await expect(dialog).toContainText('Anyone who has the link can view; you are the owner.')
  // Ben has written nothing yet, and is known by name all the same.
  const roleOfBen = dialog.getByRole('combobox', { name: 'Role of Ben' })
  const named = ben.page.waitForResponse((answer) => answer.url().endsWith('/people/me'))
  await dialog.getByRole('combobox', { name: /Give a role/ }).selectOption('Ben')
  await expect(roleOfBen).toHaveValue('editor')
  expect((await named).ok()).toBe(true)
  await roleOfBen.selectOption('No role')
  await expect(roleOfBen).toHaveCount(0)
  await expect(ben.state).toHaveText('Read only')
  await dialog.getByRole('button', { name: 'Copy view link' }).click()
  await expect(dialog.getByRole('button', { name: 'Link copied' })).toBeVisible()
  expect(await copiedIn(ann.page)).toBe(`${quire.url}/d/${id}`)

  await dialog.getByRole('button', { name: 'Copy edit link' }).click()
  await expect(dialog.getByRole('textbox', { name: 'Link: Editor' })).toBeVisible()
  const link = await copiedIn(ann.page)
  expect(link).toContain(`/d/${id}#k=`)
  await dialog.getByRole('button', { name: 'QR code' }).click()
  await expect(dialog.getByRole('img', { name: 'QR code: Editor' })).toBeVisible()
  await dialog.getByText('Embed').click()
  const source = `src="${link.replace('/d/', '/embed/')}"`
  const code = (name: RegExp) => dialog.getByRole('textbox', { name }).inputValue()
  expect(await code(/frame alone/)).toContain(`<iframe ${source}`)
  const script = await code(/With a script/)
  expect(script).toContain(`<quire-editor ${source}`)
  const [, address = '', hash] = /src="(\S+\.js)" integrity="(sha384-\S+)"/.exec(script) ?? []
  const served = Buffer.from(await (await fetch(address)).arrayBuffer())
  expect(`sha384-${createHash('sha384').update(served).digest('base64')}`).toBe(hash)
  await accessible(ann.page)

  await ben.page.goto(link)
  await ben.ready()
  expect(ben.page.url()).toBe(`${quire.url}/d/${id}`)
  await ben.page.getByRole('button', { name: 'Share' }).click()
  const bens = dialogOf(ben.page)
  await expect(bens).toContainText('Anyone who has the link can view; you can edit.')
  await expect(bens.getByRole('radio')).toHaveCount(0)
  await ben.page.keyboard.press('Escape')
  await ben.goTo('end')
  await ben.type(' and more')
  await ben.saved()

  await ann.page.keyboard.press('Escape')
  await ann.page.getByRole('button', { name: 'Share' }).click()
  await expect(dialog).toContainText('used by 1 person')
  await dialog.getByRole('combobox', { name: /Give a role/ }).selectOption('Ben')
  await expect(dialog.getByRole('combobox', { name: 'Role of Ben' })).toHaveValue('editor')
  await dialog.getByRole('button', { name: 'Revoke Editor' }).click()
  await expect(dialog.getByRole('button', { name: 'Revoke Editor' })).toHaveCount(0)
  await ben.type('!')
  await ben.saved()
  await dialog.getByRole('combobox', { name: 'Role of Ben' }).selectOption('No role')
  await expect(ben.state).toHaveText('Read only')
  expect(await quire.text(id)).toBe('shared text and more!')
})

test('a link with options asks for its password, serves as many as it may, and is of no use after that', {
  tag: '@proxy',
}, async ({ quire, browser }) => {
  const id = await quire.create('rich', 'for the board')
  await quire.share(id, { general: 'restricted' })
  const expiring = await quire.link(id, { role: 'viewer', expires: Date.now() + 2_000 })
  const ann = await ownerOf(browser, quire, id)
  await ann.page.getByRole('button', { name: 'Commands' }).click()
  await ann.page.getByRole('combobox', { name: 'What do you want to do?' }).fill('share')
  await ann.page.keyboard.press('Enter')
  const dialog = dialogOf(ann.page)
  await expect(dialog).toContainText('The link alone opens nothing; you are the owner.')
  await dialog.getByRole('button', { name: 'New link' }).click()
  await dialog.getByLabel('Label').fill('the board')
  await dialog.getByLabel('For how many people').fill('1')
  await dialog.getByLabel('Password').fill('open sesame')
  await dialog.getByLabel('Works until').fill('2099-12-31')
  await dialog.getByLabel('Current version only').check()
  await accessible(ann.page)
  await ann.page.setViewportSize({ width: 320, height: 640 })
  expect(await fits(ann.page)).toBe(true)
  await dialog.getByRole('button', { name: 'Make link' }).click()
  const link = await dialog.getByRole('textbox', { name: 'Link: Viewer' }).inputValue()

  const page = await (await browser.newContext()).newPage()
  await page.goto(link)
  expect(new URL(page.url()).hash).toBe('')
  const password = page.getByLabel('Password')
  await password.fill('open barley')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toHaveText('That is not the password of this link.')
  await accessible(page)
  await password.fill('open sesame')
  await page.keyboard.press('Enter')
  const board = new Editor(page)
  await expect(board.state).toHaveText('Read only')
  await expect(board.text).toContainText('for the board')

  const late = await (await browser.newContext()).newPage()
  const heading = late.getByRole('heading', { level: 1 })
  await late.goto(link)
  await late.getByLabel('Password').fill('open sesame')
  await late.keyboard.press('Enter')
  await expect(late.getByRole('alert')).toContainText('As many people have used it as may.')
  await late.goto(`${quire.url}/d/${id}#k=nosuchkey`)
  await expect(late.getByRole('alert')).toContainText('It is incomplete, or it was revoked.')
  await expect(heading).toHaveText('This link does not work')
  await expect(async () => {
    await late.goto(expiring)
    await expect(late.getByRole('alert')).toContainText('It has expired.', { timeout: 2_000 })
  }).toPass()
  await late.getByRole('button', { name: 'Go on without the link' }).click()
  await expect(heading).toHaveText('You do not have access to this document')

  await ann.page.keyboard.press('Escape')
  await ann.page.getByRole('button', { name: 'Share' }).click()
  const row = dialog.getByRole('listitem').filter({ hasText: 'the board' })
  await expect(row).toContainText('no longer works')
  await expect(row).toContainText('used by 1 of 1')
})

test('a closed dialog gives the focus back, but not when the user has gone on', async ({
  quire,
  visit,
}) => {
  const ann = await visit(await quire.create('text', 'shared text'), 'Ann')
  const share = ann.page.getByRole('button', { name: 'Share' })
  const dialog = dialogOf(ann.page)
  await share.press('Enter')
  await dialog.getByRole('button', { name: 'Close' }).press('Enter')
  await expect(dialog).toHaveCount(0)
  await expect(share).toBeFocused()

  await share.press('Enter')
  await ann.page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect(share).toBeFocused()

  await share.press('Enter')
  await expect(dialog).toBeVisible()
  await ann.text.evaluate((text) => {
    document.querySelector('dialog')?.close() // as Escape does, and the page hears of it later
    text.focus()
  })
  await expect(dialog).toHaveCount(0)
  await expect(ann.text).toBeFocused()
})
