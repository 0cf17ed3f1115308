import { expect, test } from 'vitest'
import { compose, composeAll, type Delta, textOf } from '../delta'
import { forSeeds, Random, randomChange } from '../testing/random'
import type { Connection } from './connection'
import { type DocumentListener, SyncedDocument } from './document'
import { VirtualSchedule } from './testing/virtual-schedule'

/** Edits of each side while one was away. ABSENCE_EDITS=10000 gives the figure in docs/benchmarks.md. */
const EDITS = Number(process.env.ABSENCE_EDITS ?? 1_000)

test('thousands of edits all over the text, made offline, merge with thousands of others', () => {
  const random = new Random(1)
  const schedule = new VirtualSchedule(random)
  const base: Delta = [{ insert: `${'lorem ipsum '.repeat(EDITS)}\n` }]
  const changes: Delta[] = []
  const document = new SyncedDocument('D', listening(changes), schedule)
  const connection = { state: 'connected', id: 'me', send: () => false }
  document.connection = connection as unknown as Connection
  document.received({ a: 's', snapshot: { revision: 0, content: base } })

  connection.state = 'waiting'
  const own = scattered(random, base, 'x')
  const offline = timed(() => {
    for (const change of own) document.submit(change)
  })
  const theirs = scattered(random, base, 'y')
  const merged = timed(() => {
    theirs.forEach((change, revision) => {
      const record = { revision, src: 'ben', seq: revision + 1, change }
      document.received({ a: 'op', created: false, deleted: false, ...record })
    })
    while (document.revision !== EDITS) schedule.advance(16)
    while (!document.delivered) schedule.advance(16)
  })
  console.log(
    `${EDITS} edits made offline in ${offline} ms, merged with ${EDITS} others in ${merged} ms`,
  )

  const shown = compose(compose(base, composeAll(own)), composeAll(changes))
  expect(compose(compose(base, composeAll(theirs)), document.unsent.change)).toEqual(shown)
  expect(textOf(shown).length).toBe(textOf(base).length + 2 * EDITS)
})

/** Letters put in one after another, each anywhere. */
function scattered(random: Random, base: Delta, letter: string): Delta[] {
  const length = textOf(base).length
  return Array.from({ length: EDITS }, (_, n) => [
    { retain: 1 + random.below(length + n - 1) },
    { insert: letter },
  ])
}

function timed(run: () => void): string {
  const begin = performance.now()
  run()
  return (performance.now() - begin).toFixed(0)
}

function listening(changes: Delta[]): DocumentListener {
  const nothing = () => {}
  return {
    greeted: nothing,
    amended: nothing,
    stands: nothing,
    noticed: nothing,
    loaded: nothing,
    changed: (change) => changes.push(change),
    refused: nothing,
    updated: nothing,
    peersChanged: nothing,
    missed: nothing,
  }
}

test('what was missed comes in portions, and the user types between them', () => {
  forSeeds(20, (random) => {
    const schedule = new VirtualSchedule(random)
    const base: Delta = [{ insert: `${'lorem ipsum '.repeat(400)}\n` }]
    let shown = base
    let portions = 0
    const document = new SyncedDocument(
      'D',
      {
        ...listening([]),
        changed: (change) => {
          shown = compose(shown, change)
          portions++
          schedule.busy(random.below(100))
        },
      },
      schedule,
    )
    const connection = { state: 'waiting', id: 'me', send: () => false }
    document.connection = connection as unknown as Connection
    document.received({ a: 's', snapshot: { revision: 0, content: base } })
    const theirs = scattered(random, base, 'y')
    theirs.forEach((change, revision) => {
      const record = { revision, src: 'ben', seq: revision + 1, change }
      document.received({ a: 'op', created: false, deleted: false, ...record })
    })
    while (document.revision !== EDITS || !document.delivered) {
      const edit = randomChange(random, shown, { rich: true })
      shown = compose(shown, edit)
      document.submit(edit)
      schedule.advance(random.below(40))
    }
    expect(compose(compose(base, composeAll(theirs)), document.unsent.change)).toEqual(shown)
    expect(portions).toBeGreaterThan(2)
  })
})
