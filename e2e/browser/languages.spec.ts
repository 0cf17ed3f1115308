import type { Browser, Page } from '@playwright/test'
import { accessible } from './accessible.ts'
import { expect, type Quire, test } from './quire.ts'

async function speaking(browser: Browser, locale: string): Promise<Page> {
  const context = await browser.newContext({ locale })
  return await context.newPage()
}

test('the pages speak the language of the browser', async ({ quire, browser }) => {
  const page = await speaking(browser, 'de-AT')
  await page.goto(quire.url)
  await expect(page.locator('html')).toHaveAttribute('lang', 'de')
  await page.getByRole('button', { name: 'Formatierter Text' }).click()
  const text = page.getByRole('textbox', { name: 'Text des Dokuments' })
  await text.pressSequentially('Guten Tag')
  await expect(page.locator('[role=status][data-state]')).toHaveText('Gespeichert')
  await expect(page.getByRole('button', { name: 'Fett' })).toHaveAttribute('title', 'Fett (Strg+B)')
  await expect(page).toHaveTitle('Unbenanntes Dokument – Quire')
  await page.getByRole('textbox', { name: 'Titel des Dokuments' }).fill('Brief')
  await page.keyboard.press('Enter')
  await page.goto(quire.url)
  await expect(page.getByRole('link', { name: /^Brief/ })).toContainText('gerade eben')
  await page.context().close()
})

test('a language chosen in the settings is kept on the device', async ({ quire, page }) => {
  await page.goto(quire.url)
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByLabel('Language').selectOption('日本語')
  await expect(page.getByRole('heading', { name: '設定' })).toBeVisible()
  await page.goto(`${quire.url}/d/${await quire.create('markdown')}`)
  await expect(page.getByRole('textbox', { name: 'ドキュメントの本文' })).toBeEditable()
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja')
})

test('an unknown language is answered in English', async ({ quire, browser }) => {
  const page = await speaking(browser, 'tlh')
  await page.goto(quire.url)
  await expect(page.getByRole('heading', { name: 'New document' })).toBeVisible()
  await page.context().close()
})

/** Where the middle of something is, as a share of the window's width. */
async function across(page: Page, selector: string): Promise<number> {
  const box = await page.locator(selector).first().boundingBox()
  const width = page.viewportSize()?.width ?? 1
  return box ? (box.x + box.width / 2) / width : Number.NaN
}

test('in Arabic the layout is mirrored, and code is not', async ({ quire, browser }) => {
  const page = await speaking(browser, 'ar')
  await page.goto(`${quire.url}/d/${await quire.create('rich', 'مرحبا\nhello')}`)
  await expect(page.getByRole('textbox', { name: 'نص المستند' })).toBeEditable()
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
  expect(await across(page, '.home')).toBeGreaterThan(0.9)
  expect(await across(page, '.share')).toBeLessThan(0.1)
  const directions = await page
    .locator('.line')
    .evaluateAll((lines) => lines.map((line) => getComputedStyle(line).direction))
  expect(directions).toEqual(['rtl', 'ltr'])
  await accessible(page)

  await openCode(page, quire)
  expect(await across(page, '.cm-gutters')).toBeLessThan(0.1)
  await expect(page.locator('.cm-content')).toHaveCSS('direction', 'ltr')
  await accessible(page)
  await page.goto(quire.url)
  await expect(page.getByRole('heading', { name: 'مستند جديد' })).toBeVisible()
  await accessible(page)
  await page.context().close()
})

async function openCode(page: Page, quire: Quire): Promise<void> {
  await page.goto(`${quire.url}/d/${await quire.create('code', 'let a = 1')}`)
  await expect(page.getByRole('textbox', { name: 'نص المستند' })).toBeEditable()
}
