import type { Page } from '@playwright/test'
import { accessible } from './accessible.ts'
import { OpenID } from './openid.ts'
import { expect, test } from './quire.ts'

/** Signs in at the provider, whose page is shown. */
async function signIn(page: Page, name: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(name)
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
}

test('people sign in at a provider of OpenID Connect, and are the same ones in every browser', {
  tag: '@proxy',
}, async ({ quire, browser }) => {
  await quire.create('text', '', 'by a guest')
  const provider = await OpenID.start(`${quire.url.replace(/\/$/, '')}/login/callback`)
  const { id, secret } = OpenID.client
  await quire.stop('SIGTERM')
  quire.settings.push('--auth', 'all', '--oidc-issuer', provider.issuer)
  quire.settings.push('--oidc-client-id', id, '--oidc-client-secret', secret)
  await quire.start()
  const guests = await browser.newContext()
  await quire.lendTo(guests)
  const [ours, theirs] = [await browser.newContext(), await browser.newContext()]
  const [one, other] = [await ours.newPage(), await theirs.newPage()]

  await one.goto(`${quire.url}/`)
  await signIn(one, 'ann')
  await one.getByRole('button', { name: 'Rich text' }).click()
  const text = one.getByRole('textbox', { name: 'Document text' })
  await expect(text).toBeEditable()
  await text.pressSequentially('by ann')
  await expect(one.locator('[role=status][data-state]')).toHaveAttribute('data-state', 'saved')
  const document = new URL(one.url()).pathname.split('/').at(-1) ?? ''
  const access = `${quire.url}/api/v1/documents/${document}/access`
  const restrict = await one.request.patch(access, { data: { general: 'restricted' } })
  expect(restrict.ok()).toBe(true)

  await other.goto(one.url())
  await signIn(other, 'ben')
  await expect(other.getByRole('heading', { name: 'You do not have access' })).toBeVisible()
  await accessible(other)
  await theirs.clearCookies()
  await other.reload()
  await other.getByRole('link', { name: 'Sign in' }).click()
  await signIn(other, 'ann')
  await expect(other.getByRole('textbox', { name: 'Document text' })).toContainText('by ann')
  const me = await (await other.request.get(`${quire.url}/api/v1/me`)).json()
  expect(me).toMatchObject({ name: 'ann of the provider', guest: false })
  expect(me.person).toBe((await (await one.request.get(`${quire.url}/api/v1/me`)).json()).person)

  // What she had as a guest of another browser becomes hers when she says so.
  const claimed = await guests.newPage()
  await claimed.goto(`${quire.url}/`)
  await signIn(claimed, 'ann')
  await expect(claimed.getByText('You have 1 document from before')).toBeVisible()
  await accessible(claimed)
  await claimed.getByRole('button', { name: 'Make them mine' }).click()
  await expect(claimed.getByRole('link', { name: 'by a guest' })).toBeVisible()
  await one.goto(`${quire.url}/#mine`)
  await expect(one.getByRole('link', { name: 'by a guest' })).toBeVisible()
  await Promise.all([ours.close(), theirs.close(), guests.close()])
  await provider.stop()
})
