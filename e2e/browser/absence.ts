import type { Page } from '@playwright/test'
import type { Kind, Quire } from './quire.ts'

/** Places all over a text of some length, each time the same. */
function places(length: number, count: number): number[] {
  let state = 1
  return Array.from({ length: count }, (_, n) => {
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

/** Leaves on the device what a tab leaves that was offline for long: the work of so many edits as one change. */
async function leaveWork(page: Page, id: string, kind: Kind, text: string, edits: number) {
  // Letters spread evenly: what composing that many edits comes to.
  const step = Math.floor((text.length - 1) / edits)
  const pending = Array.from({ length: edits }, () => [{ retain: step }, { insert: 'x' }]).flat()
  const about = { document: id, revision: 1 }
  const copy = {
    ...about,
    kind,
    language: '',
    title: '',
    content: [{ insert: text }],
    recent: [],
    people: {},
    kept: 0,
  }
  const work = {
    ...about,
    client: `away-${id}`,
    nextSeq: 1,
    inFlight: null,
    pending,
    pendingEdits: edits,
  }
  await page.evaluate(
    ({ copy, work }) =>
      new Promise<void>((resolve) => {
        const open = indexedDB.open('quire')
        open.onsuccess = () => {
          const change = open.result.transaction(['copies', 'unsent'], 'readwrite')
          change.objectStore('copies').put(copy)
          change.objectStore('unsent').put(work)
          change.oncomplete = () => {
            open.result.close()
            resolve()
          }
        }
      }),
    { copy, work },
  )
}

/**
 * Makes a document in which somebody made so many edits offline, all over the text, and closed the tab, while others made
 * as many. `page` is of that person's browser, and has seen the document. Answers the text that both began with.
 */
export async function longAbsence(quire: Quire, page: Page, id: string, kind: Kind, edits: number) {
  const text = await quire.text(id)
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.goto(`${quire.url}/`)
  await writeAll(page, quire.socket(id), id, 'y', places(text.length, edits))
  await leaveWork(page, id, kind, text, edits)
  return text
}

/** Text all over which so many edits can be made. */
export const absenceText = (edits: number) =>
  'lorem ipsum dolor sit amet\n'.repeat(Math.ceil(edits / 2))
