import { accessible } from './accessible.ts'
import { expect, test } from './quire.ts'

test('my documents are searched, sorted and tagged, and come back from the trash as they were', async ({
  quire,
  page,
  browser,
}) => {
  await quire.create('markdown', '# apples', 'Apples')
  const plan = await quire.create('text', 'dig, sow, wait', 'Garden plan')
  await quire.create('rich', '', 'Zebras')
  await quire.lendTo(page.context())
  const row = (title: string) => page.getByRole('listitem').filter({ hasText: title })
  const titles = page.locator('.recent-title')
  await page.goto(`${quire.url}/`)
  await page.getByRole('button', { name: 'My documents' }).click()
  await expect(titles).toHaveCount(3)
  await page.getByLabel('Sort by').selectOption('Title')
  await expect(titles).toHaveText(['Apples', 'Garden plan', 'Zebras'])

  await row('Garden plan').getByRole('button', { name: 'Tags of Garden plan' }).click()
  await page.getByLabel('Tags, with commas').fill('outside, Spring ')
  await accessible(page)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Spring', exact: true }).click()
  await expect(titles).toHaveText(['Garden plan'])
  await page.getByRole('button', { name: 'All', exact: true }).click()
  await page.getByRole('searchbox').fill('OUTS')
  await expect(titles).toHaveText(['Garden plan'])
  await page.getByRole('searchbox').fill('nothing like it')
  await expect(page.getByText('Nothing matches.')).toBeVisible()
  await page.getByRole('searchbox').fill('')
  await expect(titles).toHaveCount(3)
  await accessible(page)

  // Somebody else has it open, and is told.
  const others = await browser.newContext()
  const other = await others.newPage()
  await other.goto(`${quire.url}/d/${plan}`)
  await expect(other.getByRole('textbox', { name: 'Document text' })).toBeEditable()
  await row('Garden plan').getByRole('button', { name: 'Move Garden plan to the trash' }).click()
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('This document is in the trash')
  await expect(other.getByText('Its owner put it there')).toBeVisible()
  await accessible(other)
  await page.getByRole('button', { name: 'Undo' }).press('Enter')
  await expect(titles).toHaveCount(3)
  await other.getByRole('button', { name: 'Try now' }).click()
  await expect(other.getByRole('textbox', { name: 'Document text' })).toContainText('dig, sow')
  await others.close()

  // From its own page it goes there too, and comes back.
  await page.getByRole('link', { name: 'Garden plan' }).click()
  await page.getByRole('button', { name: 'Commands' }).click()
  await page.getByRole('option', { name: 'Move to the trash' }).click()
  await expect(page.getByText('for 30 more days')).toBeVisible()
  await accessible(page)
  await page.getByRole('button', { name: 'Restore' }).click()
  await expect(page.getByRole('textbox', { name: 'Document text' })).toContainText('dig, sow')

  // Out of the trash one by one, and all at once.
  for (const document of [
    plan,
    await quire.create('text', '', 'Old'),
    await quire.create('text', '', 'Older'),
  ]) {
    await page.request.delete(`${quire.url}/api/v1/documents/${document}`)
  }
  await page.goto(`${quire.url}/#trash`)
  await expect(titles).toHaveText(['Older', 'Old', 'Garden plan'])
  await accessible(page)
  await page.getByRole('button', { name: 'Restore Garden plan' }).click()
  await page.getByRole('button', { name: 'Remove Old for good', exact: true }).click()
  await expect(page.getByRole('dialog')).toContainText('This cannot be undone')
  await accessible(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Remove for good' }).click()
  await expect(titles).toHaveText(['Older'])
  await page.getByRole('button', { name: 'Empty trash' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove for good' }).click()
  await expect(page.getByText('The trash is empty.')).toBeVisible()
  await page.getByRole('button', { name: 'My documents' }).click()
  await expect(titles).toHaveCount(3)
})

test('who looks after the server makes and revokes tokens', async ({ quire, page }) => {
  await page.goto(`${quire.url}/`)
  await page.getByRole('button', { name: 'Administration' }).click()
  await expect(page.getByText('There are none.')).toBeVisible()
  await page.getByRole('button', { name: 'New token…' }).click()
  await page.getByLabel('Name').fill('nightly import')
  await page.getByLabel('What it is for').selectOption('reading and writing')
  await accessible(page)
  await page.getByRole('button', { name: 'Make token' }).click()
  const token = await page.getByLabel('Token: nightly import').inputValue()
  await accessible(page)
  const use = () =>
    fetch(`${quire.url}/api/v1/documents`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: '{"kind":"text"}',
    })
  expect((await use()).status).toBe(201)
  await page.reload()
  await page.getByRole('button', { name: 'Administration' }).click()
  await expect(page.getByText('reading and writing · all documents · no end')).toBeVisible()
  await expect(page.getByText(token)).toHaveCount(0)
  await page.getByRole('button', { name: 'Revoke nightly import' }).click()
  await page.getByRole('button', { name: 'Revoke', exact: true }).click()
  await expect(page.getByText('There are none.')).toBeVisible()
  expect((await use()).status).toBe(401)
})
