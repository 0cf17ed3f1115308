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

  await test.step('an input method composes beside others’ edits, also at the seams', async () => {
    const cdp = await page.context().newCDPSession(page)
    const ben = await visit(id)
    await ben.goTo('start')
    // The first line of a sheet, and one amid it.
    const seam = await ann.text.locator('.line').evaluateAll((all) => {
      const first = all.findIndex(
        (line, n) => n > 0 && line.assignedSlot !== all[n - 1]?.assignedSlot,
      )
      return all[first]?.textContent ?? ''
    })
    for (const line of [seam, 'line 200']) {
      await ann.text.locator('.line').getByText(line, { exact: true }).click()
      await press('End')
      for (const text of ['に', 'にほ', 'にほん']) {
        const at = text.length
        await cdp.send('Input.imeSetComposition', { text, selectionStart: at, selectionEnd: at })
      }
      await ben.type('b')
      await ben.saved()
      expect(await lineWithCaret()).toBe(`${line}にほん`)
      await cdp.send('Input.insertText', { text: '日本' })
      await expect.poll(() => quire.text(id)).toContain(`${line}日本\n`)
      await ann.saved()
      await press('Backspace', 2)
    }
    await ben.page.keyboard.press('Backspace')
    await ben.page.keyboard.press('Backspace')
    await Promise.all([ann.saved(), ben.saved()])
    await expect.poll(async () => (await quire.text(id)).trimEnd()).toBe(`${LINES.join('\n')}!`)
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
