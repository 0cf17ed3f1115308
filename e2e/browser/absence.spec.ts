import type { Page } from '@playwright/test'
import { Editor } from './editor.ts'
import { expect, test } from './quire.ts'

/** Edits of each side while one was away. ABSENCE_EDITS=10000 gives the figures in docs/benchmarks.md. */
const EDITS = Number(process.env.ABSENCE_EDITS ?? 1_000)

/** Places all over a text of some length, each time the same. */
function places(length: number, seed: number): number[] {
  let state = seed
  return Array.from({ length: EDITS }, (_, n) => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff
    return state % (length + n)
  })
}

/** Puts a letter in at each place, one edit after another, over a connection of its own. */
async function writeAll(page: Page, url: string, id: string, letter: string, at: number[]) {
  await page.evaluate(
    ({ url, id, letter, at }) =>
      new Promise<void>((resolve, reject) => {
        const line = new WebSocket(url)
        let stored = 0
        const send = (n: number) => {
          const place = at[n] ?? 0
          const op = [...(place > 0 ? [{ retain: place }] : []), { insert: letter }]
          line.send(JSON.stringify({ a: 'op', c: 'documents', d: id, v: n + 1, seq: n + 1, op }))
        }
        line.onopen = () => {
          for (let n = 0; n < Math.min(50, at.length); n++) send(n)
        }
        line.onerror = () => reject(new Error('the connection failed'))
        line.onmessage = ({ data }) => {
          if (JSON.parse(data).error) reject(new Error(data))
          if (++stored === at.length) resolve()
          else if (stored + 49 < at.length) send(stored + 49)
        }
      }),
    { url, id, letter, at },
  )
}

/** Leaves on the device what a tab leaves that was offline for long: the work of thousands of edits as one change. */
async function leaveWork(page: Page, id: string, kind: string, text: string, op: object[]) {
  await page.evaluate(
    ({ id, kind, text, op, edits }) =>
      new Promise<void>((resolve) => {
        const open = indexedDB.open('quire')
        open.onsuccess = () => {
          const change = open.result.transaction(['copies', 'unsent'], 'readwrite')
          const about = { document: id, revision: 1 }
          const content = [{ insert: text }]
          const copy = {
            ...about,
            kind,
            language: '',
            title: '',
            content,
            recent: [],
            people: {},
            kept: 0,
          }
          const work = {
            ...about,
            client: `away-${id}`,
            nextSeq: 1,
            inFlight: null,
            pending: op,
            pendingEdits: edits,
          }
          change.objectStore('copies').put(copy)
          change.objectStore('unsent').put(work)
          change.oncomplete = () => {
            open.result.close()
            resolve()
          }
        }
      }),
    { id, kind, text, op, edits: EDITS },
  )
}

for (const kind of ['text', 'rich'] as const) {
  test(`thousands of edits made offline in a ${kind} document merge with thousands of others`, async ({
    quire,
    visit,
  }) => {
    const text = `${'lorem ipsum dolor sit amet\n'.repeat(Math.ceil(EDITS / 2))}`
    const id = await quire.create(kind, text)
    const ann = await visit(id)
    const context = ann.page.context()
    await ann.page.evaluate(() => navigator.serviceWorker.ready)
    await ann.page.goto(`${quire.url}/`)
    await writeAll(ann.page, quire.socket(id), id, 'y', places(text.length, 1))
    // As many letters, spread evenly: what composing that many edits comes to.
    const step = Math.floor((text.length - 1) / EDITS)
    const op = Array.from({ length: EDITS }, () => [{ retain: step }, { insert: 'x' }]).flat()
    await leaveWork(ann.page, id, kind, text, op)

    const back = new Editor(await context.newPage())
    await back.page.addInitScript(() => {
      const tasks: number[] = []
      Object.assign(window, { tasks })
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) tasks.push(duration)
      }).observe({ type: 'longtask', buffered: true })
    })
    await back.page.goto(`${quire.url}/d/${id}`)
    await expect.poll(async () => (await quire.text(id)).length).toBe(text.length + 2 * EDITS)
    await back.saved()
    await expect(back.page.getByText('While you were away')).toBeVisible()
    const longest = await back.page.evaluate(() =>
      Math.max(0, ...(window as unknown as { tasks: number[] }).tasks),
    )
    console.log(
      `${kind}: ${EDITS} edits merged with ${EDITS}, longest task ${longest.toFixed(0)} ms`,
    )
    await back.goTo('end')
    await back.type('!')
    await back.saved()
    const merged = await quire.text(id)
    expect(merged.replace(/[^xy!]/g, '').length).toBe(2 * EDITS + 1)
  })
}
