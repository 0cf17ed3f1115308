import { accessible } from './accessible.ts'
import { expect, test } from './quire.ts'

test('a changed role reaches an open page at once, and lost access ends it without trying again', {
  tag: '@proxy',
}, async ({ quire, visit }) => {
  const id = await quire.create('text', 'shared text')
  const ben = await visit(id)
  await quire.share(id, { general: 'viewer' })
  await expect(ben.state).toHaveText('Read only')
  await expect(ben.text).not.toBeEditable()
  await expect(ben.title).not.toBeEditable()
  await quire.share(id, { general: 'editor' })
  await expect(ben.text).toBeEditable()
  await ben.goTo('end')
  await ben.type(' and more')
  await ben.saved()
  expect(await quire.text(id)).toBe('shared text and more')

  let attempts = 0
  ben.page.on('websocket', () => attempts++)
  ben.page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().includes('/stream?')) attempts++
  })
  await quire.share(id, { general: 'restricted' })
  const heading = ben.page.getByRole('heading', { name: 'You do not have access to this document' })
  await expect(heading).toBeVisible()
  await expect(ben.text).toBeHidden()
  await accessible(ben.page)
  expect(attempts).toBe(0)
  await quire.share(id, { general: 'viewer' })
  await ben.page.getByRole('button', { name: 'Try now' }).click()
  await expect(ben.state).toHaveText('Read only')
  await expect(ben.text).toContainText('shared text and more')
  expect(attempts).toBe(1)
})
