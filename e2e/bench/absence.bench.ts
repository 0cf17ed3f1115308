import { absenceText, longAbsence } from '../browser/absence.ts'
import { Editor } from '../browser/editor.ts'
import { expect, test } from '../browser/quire.ts'

/** Edits of each side while one was away, and how long it may take to merge them, in ms. */
const EDITS = 10_000
const GOAL = 1_000
/** "Saved" is said this much after it is true, so that it does not flicker, in ms. */
const CALM = 250
/** What a person notices as a hitch, in ms. */
const HITCH = 50

interface Noted {
  merging?: number
  merged?: number
  tasks: { at: number; took: number }[]
}

for (const kind of ['text', 'rich'] as const) {
  test(`merging ${EDITS} edits made offline with ${EDITS} others, ${kind}`, async ({
    quire,
    visit,
  }) => {
    const id = await quire.create(kind, absenceText(EDITS))
    const ann = await visit(id)
    const text = await longAbsence(quire, ann.page, id, kind, EDITS)
    await quire.stop('SIGTERM')

    const { page } = new Editor(await ann.page.context().newPage())
    await page.addInitScript(() => {
      const noted: Noted = { tasks: [] }
      Object.assign(window, { noted })
      new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) {
          noted.tasks.push({ at: startTime, took: duration })
        }
      }).observe({ type: 'longtask', buffered: true })
    })
    await page.goto(`${quire.url}/d/${id}`)
    const chip = page.locator('[role=status][data-state]')
    await expect(chip).toHaveText(/Offline – 10,000 changes/)
    // From the moment at which the server is there until all of both is here, shown, and on its disk.
    await page.evaluate(() => {
      const noted = (window as unknown as { noted: Noted }).noted
      const chip = document.querySelector('[role=status][data-state]') as HTMLElement
      new MutationObserver(() => {
        const { state } = chip.dataset
        if (state === 'saving') noted.merging ??= performance.now()
        if (state === 'saved') noted.merged ??= performance.now()
      }).observe(chip, { attributes: true })
    })
    await quire.start()
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await expect(chip).toHaveAttribute('data-state', 'saved')
    const {
      merging = 0,
      merged = 0,
      tasks,
    } = await page.evaluate(() => (window as unknown as { noted: Noted }).noted)
    const longest = Math.max(0, ...tasks.filter(({ at }) => at >= merging).map(({ took }) => took))
    const took = merged - CALM - merging
    console.log(`merging, ${kind}: ${took.toFixed(0)} ms, longest task ${longest.toFixed(0)} ms`)
    expect((await quire.text(id)).length).toBe(text.length + 2 * EDITS)
    expect(took).toBeLessThan(GOAL)
    expect(longest).toBeLessThan(HITCH)
  })
}
