import { expect, kinds, test } from './quire.ts'

for (const kind of kinds) {
  test(`the server is killed while two people type in a ${kind} document: nothing is missing or doubled`, async ({
    quire,
    visit,
  }) => {
    const id = await quire.create(kind)
    const [ann, ben] = [await visit(id, 'Ann'), await visit(id, 'Ben')]
    const words = Array.from({ length: 20 }, (_, n) => n)
    let typed = false
    const typing = Promise.all([
      ann.type(words.map((n) => `a${n}.`).join('')),
      ben.type(words.map((n) => `b${n}.`).join('')),
    ]).then(() => {
      typed = true
    })
    for (let kill = 0; kill < 2; kill++) {
      const before = await quire.text(id)
      await expect.poll(async () => typed || (await quire.text(id)) !== before).toBe(true)
      await quire.stop('SIGKILL')
      await quire.start()
    }
    await typing
    await Promise.all([ann.saved(), ben.saved()])
    const text = await quire.text(id)
    const letters = (who: string) =>
      words
        .flatMap((n) => [...`${who}${n}.`])
        .sort()
        .join('')
    expect([...text.trimEnd()].sort().join('')).toBe(
      [...letters('a'), ...letters('b')].sort().join(''),
    )
    await ann.shows(text.trimEnd())
    await ben.shows(text.trimEnd())
  })
}

test('a person who goes offline keeps writing, is told the truth, and comes back merged', async ({
  quire,
  visit,
}) => {
  for (const kind of ['markdown', 'rich'] as const) {
    const id = await quire.create(kind, 'middle')
    const [ann, ben] = [await visit(id), await visit(id)]
    await ann.page.context().setOffline(true)
    await ann.goTo('end')
    await ann.type(' from the train')
    await expect(ann.state).toHaveAttribute('data-state', 'offline')
    await expect(ann.state).toContainText(/kept on this device/)
    await ben.goTo('start')
    await ben.type('from the office ')
    await ben.saved()
    await ann.shows('middle from the train')
    await ann.page.context().setOffline(false)
    const whole = 'from the office middle from the train'
    await ann.shows(whole)
    await ben.shows(whole)
    await ann.saved()
    expect((await quire.text(id)).trimEnd()).toBe(whole)
  }
})

test('what was typed while the server was away survives closing the tab', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('text', 'before')
  const ann = await visit(id)
  await ann.goTo('end')
  await quire.stop('SIGKILL')
  await ann.type(' kept')
  await expect(ann.state).toContainText('5 changes kept on this device')
  const context = ann.page.context()
  await ann.page.close()
  await quire.start()
  const page = await context.newPage()
  await page.goto(`${quire.url}/d/${id}`)
  await expect.poll(() => quire.text(id)).toBe('before kept')
  await page.reload()
  await expect(page.getByRole('textbox', { name: 'Document text' })).toContainText('before kept')
  expect(await quire.text(id)).toBe('before kept')
})

test('a server that restarts in order brings everyone back by itself', { tag: '@proxy' }, async ({
  quire,
  visit,
}) => {
  const id = await quire.create('rich', 'steady')
  const ann = await visit(id)
  await quire.stop('SIGTERM')
  await quire.start()
  await ann.goTo('end')
  await ann.type(' on')
  await ann.saved()
  expect(await quire.text(id)).toBe('steady on\n')
})
