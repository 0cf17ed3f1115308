import { expect, kinds, test } from './quire.ts'

for (const kind of kinds) {
  test(`two people typing at once in a ${kind} document see the same text and each other`, {
    tag: kind === 'text' ? '@proxy' : [],
  }, async ({ quire, visit }) => {
    const id = await quire.create(kind, 'start\nend')
    const [ann, ben] = [await visit(id, 'Ann'), await visit(id, 'Ben')]
    await ann.goTo('start')
    await ben.goTo('end')
    await expect(ann.caretOf('Ben')).toBeVisible()
    await Promise.all([ann.type('Ann was here. '), ben.type(' Ben was here.')])
    await Promise.all([ann.saved(), ben.saved()])
    const whole = 'Ann was here. start\nend Ben was here.'
    await ann.shows(whole)
    await ben.shows(whole)
    expect((await quire.text(id)).trimEnd()).toBe(whole)
    await expect(ann.people.getByRole('button', { name: 'Ben' })).toBeVisible()
    await expect(ben.caretOf('Ann')).toBeVisible()
  })
}

test('a selection of one person is seen by the other, and goes when they leave', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('text', 'select this')
  const [ann, ben] = [await visit(id, 'Ann'), await visit(id, 'Ben')]
  await ben.goTo('start')
  await ben.page.keyboard.press('Shift+End')
  await expect(ann.page.locator('.remote-selection')).toHaveText('select this')
  await ben.page.context().close()
  await expect(ann.caretOf('Ben')).toHaveCount(0)
  await expect(ann.page.locator('.remote-selection')).toHaveCount(0)
})

test('both type at the same place and nothing is lost', async ({ quire, visit }) => {
  const id = await quire.create('text')
  const [ann, ben] = [await visit(id), await visit(id)]
  await Promise.all([ann.type('a'.repeat(60)), ben.type('b'.repeat(60))])
  await Promise.all([ann.saved(), ben.saved()])
  const text = await quire.text(id)
  expect(text.replaceAll('b', '')).toBe('a'.repeat(60))
  expect(text.replaceAll('a', '')).toBe('b'.repeat(60))
  await ann.shows(text)
  await ben.shows(text)
})

for (const kind of kinds) {
  test(`emoji and combining characters survive in a ${kind} document`, async ({ quire, visit }) => {
    const id = await quire.create(kind)
    const [ann, ben] = [await visit(id), await visit(id)]
    const family = '👩‍👩‍👧‍👦'
    const accents = 'e\u0301a\u0308'
    await ann.insert(`${family}${accents}`)
    await ben.shows(`${family}${accents}`)
    await ben.goTo('start')
    await Promise.all([ann.insert('😀'), ben.insert('🎉')])
    await Promise.all([ann.saved(), ben.saved()])
    const whole = `🎉${family}${accents}😀`
    await ann.shows(whole)
    await ben.shows(whole)
    await ann.page.keyboard.press('Backspace')
    await ben.shows(`🎉${family}${accents}`)
    expect((await quire.text(id)).trimEnd()).toBe(`🎉${family}${accents}`)
  })
}

for (const kind of kinds) {
  test(`undo takes back only what I did in a ${kind} document`, async ({ quire, visit }) => {
    const id = await quire.create(kind, 'base')
    const [ann, ben] = [await visit(id), await visit(id)]
    const both = async (text: string) => {
      await ann.shows(text)
      await ben.shows(text)
    }
    // In one piece, and at different places: a pause while typing would begin another step of undo.
    await ann.goTo('end')
    await ann.insert(' mine')
    await both('base mine')
    await ben.goTo('start')
    await ben.insert('theirs ')
    await both('theirs base mine')
    await ann.goTo('start')
    await ann.insert('first ')
    await both('first theirs base mine')
    await ben.goTo('end')
    await ben.insert(' last')
    await both('first theirs base mine last')
    await ann.text.press('Control+z')
    await both('theirs base mine last')
    await ann.text.press('Control+z')
    await both('theirs base last')
    await ben.text.press('Control+z')
    await both('theirs base')
    await ann.text.press('Control+y')
    await both('theirs base mine')
    await ben.text.press('Control+z')
    await both('base mine')
    await ann.text.press('Control+z')
    await ann.text.press('Control+z') // nothing of mine is left
    await both('base')
  })
}

test('the title is edited in place and everyone sees it', { tag: '@proxy' }, async ({
  quire,
  visit,
}) => {
  const id = await quire.create('markdown', '', 'Before')
  const [ann, ben] = [await visit(id), await visit(id)]
  await expect(ben.title).toHaveValue('Before')
  await ann.title.fill('Plan for June')
  await ann.title.press('Enter')
  await expect(ben.title).toHaveValue('Plan for June')
  await expect(ben.page).toHaveTitle(/Plan for June/)
})

test('a text written over the API merges with what a person is typing', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('text', 'one two three')
  const ann = await visit(id)
  await ann.goTo('end')
  await ann.type(' four')
  await ann.saved()
  await fetch(`${quire.url}/api/v1/documents/${id}/text`, {
    method: 'PUT',
    body: 'one 2 three four',
  })
  await ann.shows('one 2 three four')
  await ann.type(' five')
  await ann.shows('one 2 three four five')
})

for (const kind of ['text', 'rich'] as const) {
  test(`an input method composing in a ${kind} document is not disturbed by others`, async ({
    quire,
    visit,
  }) => {
    const id = await quire.create(kind, 'start')
    const [ann, ben] = [await visit(id), await visit(id)]
    await ann.goTo('end')
    const cdp = await ann.page.context().newCDPSession(ann.page)
    for (const text of ['に', 'にほ', 'にほん']) {
      const at = text.length
      await cdp.send('Input.imeSetComposition', { text, selectionStart: at, selectionEnd: at })
    }
    await ben.goTo('start')
    await ben.type('other ')
    await ben.saved()
    await ann.shows('startにほん')
    await cdp.send('Input.insertText', { text: '日本' })
    await ann.shows('other start日本')
    await ben.shows('other start日本')
    expect((await quire.text(id)).trimEnd()).toBe('other start日本')
  })
}

test('a caret stays where its owner left it while somebody writes there', async ({
  quire,
  visit,
}) => {
  for (const kind of ['text', 'rich'] as const) {
    const id = await quire.create(kind, 'end')
    const [ann, ben] = [await visit(id), await visit(id)]
    await ann.goTo('start')
    await ben.goTo('start')
    await ben.type('by Ben, ')
    await ann.shows('by Ben, end')
    await ann.type('Ann ')
    await ann.shows('Ann by Ben, end')
    await ben.shows('Ann by Ben, end')
  }
})
