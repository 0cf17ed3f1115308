import { accessible } from './accessible.ts'
import { expect, test } from './quire.ts'

for (const kind of ['text', 'rich'] as const) {
  test(`finding and replacing in ${kind} works by keyboard and says how many there are`, async ({
    quire,
    visit,
  }) => {
    const id = await quire.create(kind, 'cat and Cat and cat\nconcat')
    const [ann, ben] = [await visit(id), await visit(id)]
    const { page } = ann
    // Its code arrives late: what is typed meanwhile is looked for, not written.
    let arrive = () => {}
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve
    })
    await page.context().route(/\/find-[^/]*\.js/i, async (route) => {
      await arrived
      await route.continue()
    })
    await ann.goTo('start')
    await page.keyboard.press('Control+f')
    await page.keyboard.type('cat')
    arrive()
    const panel = page.getByRole('search', { name: 'Find and replace' })
    const count = panel.getByRole('status')
    const field = panel.getByLabel('Find', { exact: true })
    await expect(field).toBeFocused()
    await expect(count).toHaveText('4 matches')
    await ann.shows('cat and Cat and cat\nconcat')
    await accessible(page)

    await panel.getByRole('button', { name: 'Whole words' }).click()
    await panel.getByRole('button', { name: 'Match case' }).click()
    await expect(count).toHaveText('2 matches')
    await field.press('Enter')
    await expect(count).toHaveText('1 of 2')
    await field.press('Enter')
    await expect(count).toHaveText('2 of 2')
    await field.press('Shift+Enter')
    await expect(count).toHaveText('1 of 2')
    await ben.goTo('end')
    await ben.type(' cat')
    await expect(count).toHaveText('1 of 3')

    await panel.getByLabel('Replace with').fill('dog')
    await panel.getByRole('button', { name: 'Replace', exact: true }).click()
    await expect(count).toHaveText('1 of 2')
    await panel.getByRole('button', { name: 'Replace all' }).click()
    await expect(count).toHaveText('Nothing found')
    await page.keyboard.press('Escape')
    await expect(panel).toHaveCount(0)
    await expect(ann.text).toBeFocused()
    await ben.shows('dog and Cat and dog\nconcat dog')
  })
}
