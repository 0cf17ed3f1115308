import type { Browser, Page } from '@playwright/test'
import { expect, type Kind, type Quire, test } from '../browser/quire.ts'
import { prose, quantile, report } from './figures.ts'
import { Typist } from './typist.ts'

/** How often the page is opened, how many keys are pressed, and how fast a quick person presses them, in ms. */
const VISITS = 9
const KEYS = 200
const A_KEY = 57

const EDITABLE = '.cm-content[contenteditable=true], .rich[contenteditable=true]'

/** Milliseconds from navigation until the text is there and can be written in, in a browser that has cached nothing. */
async function editable(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.addInitScript((selector) => {
    new MutationObserver((_, observer) => {
      const text = document.querySelector(selector)?.textContent ?? ''
      if (text.length < 500) return
      observer.disconnect()
      requestAnimationFrame(() => {
        ;(window as { editable?: number }).editable = performance.now()
      })
    }).observe(document, { childList: true, subtree: true, characterData: true })
  }, EDITABLE)
  await page.goto(url)
  const waited = await page.waitForFunction(() => (window as { editable?: number }).editable)
  const took = (await waited.jsonValue()) as number
  await context.close()
  return took
}

for (const kind of ['text', 'rich'] as const) {
  for (const [size, characters, goal] of [
    ['10 KB', 10_000, 500],
    ['1 MB', 1_000_000, 1_500],
  ] as const) {
    test(`navigation to editable, ${kind}, ${size}`, async ({ quire, browser }) => {
      const url = `${quire.url}/d/${await quire.create(kind, prose(characters))}`
      await editable(browser, url)
      const took: number[] = []
      for (let n = 0; n < VISITS; n++) took.push(await editable(browser, url))
      report(`navigation to editable, ${kind}, ${size}`, took)
      expect(quantile(took, 0.5)).toBeLessThan(goal)
    })
  }
}

/** Records how long each key takes from the browser's event to the frame that shows it. */
async function watchKeys(page: Page): Promise<void> {
  await page.evaluate(() => {
    const took: number[] = []
    Object.assign(window, { took })
    addEventListener(
      'keydown',
      ({ timeStamp }) => {
        requestAnimationFrame(() => {
          const channel = new MessageChannel()
          channel.port1.onmessage = () => took.push(performance.now() - timeStamp)
          channel.port2.postMessage(null)
        })
      },
      { capture: true },
    )
  })
}

async function typists(quire: Quire, id: string, length: number, count: number) {
  const joined = Array.from({ length: count }, (_, n) =>
    // Two of them are in view, the others all over the document.
    Typist.join(
      quire.socket(id),
      id,
      `Typist ${n}`,
      n < 2 ? 300 * (n + 1) : Math.floor((length * n) / count),
    ),
  )
  return await Promise.all(joined)
}

for (const kind of ['text', 'markdown', 'rich'] as const satisfies readonly Kind[]) {
  test(`typing in 1 MB with 20 remote typists, ${kind}`, async ({ quire, visit }) => {
    // In Markdown an empty line is what parts paragraphs.
    const text = prose(1_000_000, kind === 'markdown' ? '\n\n' : '\n')
    const id = await quire.create(kind, text)
    const ann = await visit(id)
    const others = await typists(quire, id, text.length, 20)
    for (const other of others) other.type(200)
    await ann.goTo('start')
    await ann.page.keyboard.type('warm up ', { delay: A_KEY })
    await watchKeys(ann.page)
    await ann.page.keyboard.type('abcdefghi '.repeat(KEYS / 10), { delay: A_KEY })
    const took = await ann.page.evaluate(() => (window as unknown as { took: number[] }).took)
    for (const other of others) other.leave()
    report(`key to own frame, 1 MB, 20 typists, ${kind}`, took)
    expect(quantile(took, 0.5)).toBeLessThanOrEqual(16)
    expect(quantile(took, 0.95)).toBeLessThanOrEqual(50)
  })
}

test('keystroke to the other browser, each on disk', async ({ quire, visit }) => {
  for (const kind of ['text', 'rich'] as const) {
    const id = await quire.create(kind)
    const [ann, ben] = [await visit(id), await visit(id)]
    await ann.page.evaluate(() => {
      const pressed: number[] = []
      Object.assign(window, { pressed })
      addEventListener('keydown', () => pressed.push(Date.now()), { capture: true })
    })
    await ben.page.evaluate((selector) => {
      const seen: number[] = []
      Object.assign(window, { seen })
      const text = document.querySelector(selector) as HTMLElement
      const letters = () => text.textContent?.match(/z/g)?.length ?? 0
      new MutationObserver(() => {
        while (seen.length < letters()) seen.push(Date.now())
      }).observe(text, { childList: true, subtree: true, characterData: true })
    }, EDITABLE)
    await ann.text.focus()
    await ann.page.keyboard.type('z'.repeat(KEYS), { delay: A_KEY })
    await expect.poll(async () => (await ben.shown()).length).toBe(KEYS)
    const pressed = await ann.page.evaluate(
      () => (window as unknown as { pressed: number[] }).pressed,
    )
    const seen = await ben.page.evaluate(() => (window as unknown as { seen: number[] }).seen)
    const took = seen.map((at, n) => at - (pressed[n] ?? Number.NaN))
    report(`keystroke to the other browser, ${kind}`, took)
    expect(quantile(took, 0.5)).toBeLessThan(30)
  }
})
