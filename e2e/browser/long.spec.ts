import { expect, test } from './quire.ts'

const LINES = Array.from({ length: 400 }, (_, n) => `line ${n}`)

test('a long rich document is written in like a short one, though most of it is not laid out', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('rich', LINES.join('\n'))
  const ann = await visit(id)
  const { page } = ann
  const press = async (keys: string, times = 1) => {
    for (let n = 0; n < times; n++) await page.keyboard.press(keys)
  }
  const visible = (line: string) =>
    expect(ann.text.locator('.line', { hasText: line })).toBeInViewport()
  const lineWithCaret = () =>
    page.evaluate(() => getSelection()?.focusNode?.parentElement?.closest('.line')?.textContent)

  await test.step('keys lead from end to end, and past what is out of sight', async () => {
    await ann.goTo('end')
    await ann.type('!')
    await visible('line 399!')
    await ann.goTo('start')
    await press('ArrowDown', 60)
    expect(await lineWithCaret()).toBe('line 60')
    await visible('line 60')
    await page.mouse.move(600, 400)
    await page.mouse.wheel(0, 100_000)
    await visible('line 399!')
    await press('ArrowDown', 45)
    expect(await lineWithCaret()).toBe('line 105')
    await visible('line 105')
  })

  await test.step('lines part and join wherever they are', async () => {
    await press('End')
    await press('Enter', 30)
    await press('Backspace', 30)
    await press('Home')
    await press('Backspace')
    expect(await lineWithCaret()).toBe('line 104line 105')
    await press('Enter')
    await ann.saved()
    expect((await quire.text(id)).trimEnd()).toBe(`${LINES.join('\n')}!`)
  })

  await test.step('a list is numbered through', async () => {
    await press('Control+a')
    await press('Control+Shift+7')
    const slots = () =>
      ann.text
        .locator('[data-list=ordered]')
        .evaluateAll((lines) => new Set(lines.map((line) => line.assignedSlot)).size)
    await expect(ann.text.locator('[data-list=ordered]')).toHaveCount(400)
    expect(await slots()).toBe(1)
  })

  await test.step('all of it is selected, deleted and brought back', async () => {
    await press('Control+a')
    await press('Delete')
    await ann.shows('')
    await press('Control+z')
    await ann.goTo('end')
    await visible('line 399!')
    await ann.saved()
    expect((await quire.text(id)).trimEnd()).toBe(`${LINES.join('\n')}!`)
  })
})
