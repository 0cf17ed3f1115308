import { absenceText, longAbsence } from './absence.ts'
import { Editor } from './editor.ts'
import { expect, needsSockets, test } from './quire.ts'

const EDITS = 1_000

for (const kind of ['text', 'rich'] as const) {
  test(`thousands of edits made offline in a ${kind} document merge with thousands of others`, async ({
    quire,
    visit,
    between,
  }) => {
    needsSockets(between)
    const id = await quire.create(kind, absenceText(EDITS))
    const ann = await visit(id)
    const text = await longAbsence(quire, ann.page, id, kind, EDITS)
    const back = new Editor(await ann.page.context().newPage())
    await back.page.goto(`${quire.url}/d/${id}`)
    await expect.poll(async () => (await quire.text(id)).length).toBe(text.length + 2 * EDITS)
    await back.saved()
    await expect(back.page.getByText('While you were away')).toBeVisible()
    await back.goTo('end')
    await back.type('!')
    await back.saved()
    const merged = await quire.text(id)
    expect(merged.replace(/[^xy!]/g, '').length).toBe(2 * EDITS + 1)
  })
}
