import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { WebSocket } from 'ws'
import { expect, type Quire, test } from '../browser/quire.ts'
import { quantile, report } from './figures.ts'

/** A paper being written, 259,778 keystrokes: position, units deleted, text inserted. */
const TRACES = process.env.OT_TRACES ?? '../../shared/traces'
const PAPER = `${TRACES}/automerge-paper.seq.jsonl.gz`
type Patch = [number, number, string]

/** How long the slider is dragged, in ms, and how many moments it passes in each frame. */
const DRAGGED = 10_000
const GOAL = 1000 / 20

/** Types the paper into a document, one change after another, without waiting for each. */
async function typePaper(quire: Quire, id: string): Promise<number> {
  const lines = gunzipSync(readFileSync(PAPER)).toString().trimEnd().split('\n').slice(1)
  const socket = new WebSocket(quire.socket(id))
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  const all = new Promise<void>((resolve) => {
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as { a: string; seq?: number }
      if (message.a === 'op' && message.seq === lines.length) resolve()
    })
  })
  socket.send(JSON.stringify({ a: 'hs', id: null, protocol: 1, protocolMinor: 2 }))
  for (const [index, line] of lines.entries()) {
    const op = (JSON.parse(line) as Patch[]).flatMap(([at, deleted, inserted]) => [
      ...(at > 0 ? [{ retain: at }] : []),
      ...(inserted ? [{ insert: inserted }] : []),
      ...(deleted > 0 ? [{ delete: deleted }] : []),
    ])
    const message = { a: 'op', c: 'documents', d: id, v: index + 1, seq: index + 1, x: {}, op }
    socket.send(JSON.stringify(message))
    // The server reads no faster than it allows one person to write.
    while (socket.bufferedAmount > 1 << 20) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await all
  socket.close()
  return lines.length
}

for (const kind of ['text', 'rich'] as const) {
  test(`scrubbing through 260,000 changes, ${kind}`, async ({ quire, visit }) => {
    test.skip(!existsSync(PAPER), `there is no ${PAPER}; set OT_TRACES to the folder that holds it`)
    test.setTimeout(900_000)
    const id = await quire.create(kind)
    const changes = await typePaper(quire, id)
    const { page } = await visit(id)
    await page.getByRole('button', { name: 'History' }).click()
    const slider = page.getByRole('slider', { name: 'Moment' })
    await expect(slider).toHaveAttribute('max', String(changes + 1))
    await expect(page.locator('.where')).toContainText(
      String((changes + 1).toLocaleString('en-GB')),
    )
    for (const colours of [false, true]) {
      await page.getByLabel('Colours of authors').setChecked(colours)
      const drawn = await slider.evaluate(async (field: HTMLInputElement, during) => {
        const places: number[] = []
        const stage = document.querySelector('dialog.history .stage:last-child') as Element
        let last = performance.now()
        const observer = new MutationObserver(() => {
          places.push(performance.now() - last)
          last = performance.now()
        })
        observer.observe(stage, { attributeFilter: ['data-revision'] })
        const begin = performance.now()
        // As a hand does: through all of it and back.
        for (let now = begin; now < begin + during; now = performance.now()) {
          const share = Math.abs(Math.sin(((now - begin) / during) * Math.PI * 2))
          field.value = String(Math.round(1 + share * (Number(field.max) - 1)))
          field.dispatchEvent(new Event('input', { bubbles: true }))
          await new Promise(requestAnimationFrame)
        }
        observer.disconnect()
        return places
      }, DRAGGED)
      report(`a frame of the slider, ${kind}${colours ? ', with colours' : ''}`, drawn)
      console.log(`${(drawn.length / (DRAGGED / 1000)).toFixed(0)} frames a second`)
      expect(quantile(drawn, 0.5)).toBeLessThan(GOAL)
    }
  })
}
