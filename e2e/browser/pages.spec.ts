import { devices } from '@playwright/test'
import { accessible } from './accessible.ts'
import { expect, test } from './quire.ts'

for (const [name, kind] of [
  ['Rich text', 'rich'],
  ['Markdown', 'markdown'],
  ['Plain text', 'text'],
  ['Code', 'code'],
] as const) {
  test(`a ${kind} document is one click away and can be found again`, { tag: '@proxy' }, async ({
    quire,
    page,
  }) => {
    await page.goto(quire.url)
    await page.getByRole('button', { name, exact: true }).click()
    await page.getByRole('textbox', { name: 'Document text' }).pressSequentially('hello')
    await expect(page.locator('[role=status][data-state]')).toHaveAttribute('data-state', 'saved')
    await page.getByRole('textbox', { name: 'Document title' }).fill(`My ${kind}`)
    await page.keyboard.press('Enter')
    const id = new URL(page.url()).pathname.split('/').pop() ?? ''
    expect(id).toMatch(/^[A-Za-z0-9_-]{22,}$/)
    expect((await quire.text(id)).trimEnd()).toBe('hello')
    await page.goto(quire.url)
    await page.getByRole('link', { name: `My ${kind}` }).click()
    await expect(page.getByRole('textbox', { name: 'Document text' })).toContainText('hello')
  })
}

test('an address without a document is a clear page with a way on', { tag: '@proxy' }, async ({
  quire,
  page,
}) => {
  for (const path of ['/d/there-is-none', '/d/not%20an%20id', '/nowhere']) {
    const answer = await page.goto(`${quire.url}${path}`)
    expect(answer?.status()).toBe(404)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(
      'There is no document at this address',
    )
  }
  await page.getByRole('button', { name: 'New document' }).click()
  await expect(page.getByRole('textbox', { name: 'Document text' })).toBeEditable()
})

test('no page breaks its own content policy or logs an error, whatever is used of it', {
  tag: '@proxy',
}, async ({ quire, page, between }) => {
  const complaints: string[] = []
  page.on('console', (message) => {
    const refused =
      between !== null && between !== 'nginx' && message.text().startsWith('WebSocket connection') // the browser says so by itself
    if (message.type() === 'error' && !refused) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  const policy = (await page.goto(quire.url))?.headers()['content-security-policy'] ?? ''
  expect(policy).toContain("require-trusted-types-for 'script'")
  expect(policy).not.toContain('unsafe')
  await expect(page.getByRole('button', { name: 'Markdown' })).toBeVisible()
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.keyboard.press('Escape')
  const text = page.getByRole('textbox', { name: 'Document text' })
  const dialog = page.getByRole('dialog')
  for (const kind of ['rich', 'markdown', 'code', 'text'] as const) {
    const content = kind === 'markdown' ? MARKED : 'hello'
    await page.goto(`${quire.url}/d/${await quire.create(kind, content)}`)
    await text.pressSequentially('hi ')
    await expect(page.locator('[role=status][data-state]')).toHaveAttribute('data-state', 'saved')
    await page.getByRole('button', { name: 'Find', exact: true }).first().click()
    await expect(page.getByRole('textbox', { name: 'Find', exact: true })).toBeFocused()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'History' }).click()
    await expect(
      dialog.getByRole('region', { name: 'After' }).locator('.cm-line, .line').first(),
    ).toBeVisible()
    await dialog.getByRole('button', { name: 'Back to the document' }).click()
    await page.locator('.chat-button').click()
    await page.locator('.chat textarea').fill('**hi** https://example.org')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('log').locator('strong')).toBeVisible()
    await page.locator('.chat-button').click()
    await page.getByRole('button', { name: 'Share' }).click()
    await expect(dialog).toContainText('Anyone who has the link can edit')
    await page.keyboard.press('Escape')
    if (kind === 'markdown') {
      await expect(page.locator('.preview math')).toBeVisible()
      const diagram = page.getByRole('img', { name: /^Diagram: graph LR/ })
      await expect(diagram).toBeVisible()
      // As wide as its two words need, which a frame without styles or size would not know.
      expect((await diagram.boundingBox())?.width).toBeGreaterThan(100)
    }
    if (kind === 'rich') {
      await text.click()
      await page.evaluate(async () => {
        const html = '<p style="font-weight: bold">pasted</p>'
        const data = new DataTransfer()
        data.setData('text/html', html)
        const at = document.querySelector('.surface [contenteditable]')
        at?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
      })
      await expect(text.locator('strong')).toHaveText('pasted')
      await text.press('Control+Home')
      await text.pressSequentially('/')
      await expect(page.getByRole('listbox')).toBeVisible()
      await page.keyboard.press('Escape')
    }
  }
  expect(complaints).toEqual([])
})

const MARKED = `# Garden

Euler: $e^{i\\pi}$ and a code:

\`\`\`python
def grow(): return 1
\`\`\`

\`\`\`mermaid
graph LR
  A[Seed] --> B[Bean]
\`\`\`
`

test('every page is accessible', async ({ quire, page }) => {
  await page.goto(quire.url)
  await expect(page.getByRole('button', { name: 'Markdown' })).toBeVisible()
  await accessible(page)
  await page.goto(`${quire.url}/d/missing`)
  await expect(page.getByRole('button', { name: 'New document' })).toBeVisible()
  await accessible(page)
  for (const kind of ['rich', 'markdown', 'code', 'text'] as const) {
    await page.goto(`${quire.url}/d/${await quire.create(kind, '# Heading\n\n- one\n- two\n')}`)
    await expect(page.locator('[role=status][data-state]')).toHaveAttribute('data-state', 'saved')
    await accessible(page)
  }
})

test('the pages fit a phone', async ({ quire, browser }) => {
  const { defaultBrowserType: _, ...phone } = devices['Pixel 7'] ?? {}
  const context = await browser.newContext({ ...phone, viewport: { width: 320, height: 640 } })
  const page = await context.newPage()
  for (const path of ['/', `/d/${await quire.create('rich', 'hello')}`, '/d/missing']) {
    await page.goto(`${quire.url}${path}`)
    await expect(page.getByRole('link').or(page.getByRole('button')).first()).toBeVisible()
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    expect(wide, `${path} scrolls sideways`).toBe(false)
  }
  await context.close()
})
