import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, test } from 'vitest'
import { compose, type Delta, textOf } from '../delta'
import { forSeeds, type Random } from '../testing/random'
import { Absence } from './absence'
import type { Claims } from './claims'
import { type Copy, IndexedDbCopies } from './copies'
import { openDatabase } from './database'
import { type Device, findKept } from './device'
import { IndexedDbOutbox } from './outbox'
import { ModelServer } from './testing/model-server'
import { SimulatedTab, settle, textIn } from './testing/simulation'
import { VirtualSchedule } from './testing/virtual-schedule'
import type { UnsentWork } from './work'

const copyOf = (tab: SimulatedTab): Copy => {
  const copy = tab.document.copy()
  if (!copy) throw new Error('the tab has no content')
  return structuredClone({ ...copy, kind: 'rich', language: '', title: 'T', kept: 0 })
}

const mark = (n: number) => String.fromCharCode(0xe000 + n)
const LETTER = /[\ue000-\uf8ff]/g

function scene(random: Random) {
  const server = new ModelServer([{ insert: 'Hello world\n' }])
  const schedule = new VirtualSchedule(random)
  const tabs = [1, 2].map(() => new SimulatedTab(random, server, schedule))
  settle(tabs, schedule)
  return { server, schedule, ann: tabs[0] as SimulatedTab, ben: tabs[1] as SimulatedTab }
}

describe('a document opened from what this device has', () => {
  test('shows kept work before the server is there, and merges it once when it is', () => {
    forSeeds(80, (random) => {
      const { server, schedule, ann, ben } = scene(random)
      for (let n = 0; n < 30; n++) {
        if (random.chance(0.3)) ann.type([{ insert: mark(n) }])
        if (random.chance(0.3)) ben.type([{ retain: random.below(8) + 1 }, { insert: 'ben' }])
        ;(random.chance(0.5) ? ann : ben).step()
        if (random.chance(0.2)) schedule.advance(random.below(50))
      }
      ann.store()
      const typed = textOf(ann.document.unsent.change)
      const work = ann.stored
      ann.crash()
      // The copy may be of another tab, and newer than the work.
      const copier = random.chance(0.5) ? ben : ann
      if (copier === ben) settle([ben], schedule)
      const copy = copyOf(copier)
      const heir = new SimulatedTab(random, server, schedule, undefined, { copy, work })
      for (const letter of typed.match(/[\ue000-\uf8ff]/g) ?? []) {
        expect(textOf(heir.shown ?? [])).toContain(letter)
      }
      heir.type([{ insert: mark(100) }])
      settle([heir, ben], schedule)
      expect(heir.shown).toEqual(server.content)
      expect(ben.shown).toEqual(server.content)
      expect(heir.document.unsent.edits).toBe(0)
      const letters = textOf(server.content).match(/[\ue000-\uf8ff]/g) ?? []
      expect(new Set(letters).size).toBe(letters.length)
      for (const letter of typed.match(/[\ue000-\uf8ff]/g) ?? []) expect(letters).toContain(letter)
      expect(letters).toContain(mark(100))
    })
  })

  test('loses nothing of a tab that died before it noted what it sent, however often it is opened and typed in offline', () => {
    forSeeds(Number(process.env.SYNC_RUNS ?? 150), (random) => {
      const { server, schedule, ann, ben } = scene(random)
      const copy = copyOf(ann)
      let letters = 0
      const type = (tab: SimulatedTab) => tab.type([{ insert: mark(letters++) }])
      for (let n = 0; n < 14; n++) {
        if (random.chance(0.3)) type(ann)
        if (random.chance(0.3)) ben.type([{ retain: random.below(8) + 1 }, { insert: 'ben' }])
        ;(random.chance(0.6) ? ann : ben).step()
        if (random.chance(0.2)) schedule.advance(random.below(50))
      }
      ann.crash()
      const must = new Set(ann.stored ? textIn(ann.stored).match(LETTER) : [])
      let work = ann.stored
      for (let opened = random.below(3); opened > 0; opened--) {
        // Nobody hears it: the server is away.
        const offline = new SimulatedTab(random, server, schedule, undefined, { copy, work })
        must.add(mark(letters))
        type(offline)
        offline.store()
        offline.crash()
        work = offline.stored ?? work
      }
      const heir = new SimulatedTab(random, server, schedule, undefined, { copy, work })
      must.add(mark(letters))
      type(heir)
      // What the dead tab sent may arrive before, or meanwhile.
      if (random.chance(0.5)) settle([ann, ben], schedule)
      settle([ann, heir, ben], schedule)
      expect(heir.shown).toEqual(server.content)
      expect(ben.shown).toEqual(server.content)
      expect(heir.document.unsent.edits).toBe(0)
      const found = textOf(server.content).match(LETTER) ?? []
      expect(new Set(found).size).toBe(found.length)
      for (const letter of must) expect(found).toContain(letter)
    })
  })
})

describe('copies', () => {
  const claims = (taken: string[]): Claims => ({ claim: async (client) => !taken.includes(client) })
  const copy = (document: string, revision: number, recent: number): Copy => ({
    document,
    kind: 'text',
    language: '',
    title: '',
    revision,
    content: [{ insert: 'text' }],
    recent: Array.from({ length: recent }, () => ({ change: [], src: 'ben' })),
    people: {},
    kept: revision,
  })
  const work = (client: string, revision: number, pendingEdits: number): UnsentWork => ({
    client,
    document: 'D',
    revision,
    nextSeq: 1,
    inFlight: null,
    pending: [{ insert: client }],
    pendingEdits,
  })

  async function device(taken: string[] = []): Promise<Device> {
    const database = await openDatabase(new IDBFactory())
    const outbox = new IndexedDbOutbox(database)
    return { claims: claims(taken), outbox, copies: new IndexedDbCopies(database) }
  }

  test('an older copy of another tab does not replace a newer one', async () => {
    const { copies } = await device()
    await copies.keep(copy('D', 7, 0))
    await copies.keep(copy('D', 5, 0))
    expect((await copies.find('D'))?.revision).toBe(7)
    await copies.keep(copy('D', 8, 0))
    expect((await copies.find('D'))?.revision).toBe(8)
    await copies.remove('D')
    expect(await copies.find('D')).toBeUndefined()
  })

  test('only the newest documents are kept', async () => {
    const { copies } = await device()
    for (let n = 0; n < 60; n++) await copies.keep(copy(`D${n}`, n, 0))
    expect(await copies.find('D3')).toBeUndefined()
    expect((await copies.find('D59'))?.revision).toBe(59)
    expect((await copies.find('D20'))?.revision).toBe(20)
  })

  test('the most work that fits the copy and belongs to no living tab is taken over', async () => {
    const here = await device(['alive'])
    await here.copies.keep(copy('D', 10, 4))
    for (const left of [
      work('too old', 5, 9),
      work('ahead', 11, 9),
      work('alive', 9, 9),
      work('small', 8, 1),
      work('large', 6, 3),
    ]) {
      await here.outbox.put(left)
    }
    expect((await findKept(here, 'D'))?.work?.client).toBe('large')
    expect(await findKept(here, 'E')).toBeNull()
  })
})

describe('an absence', () => {
  const insert = (text: string): Delta => [{ insert: text }]

  test('is told with who did how much, and what', () => {
    const absence = new Absence(() => 60_000)
    absence.begin(0)
    for (const src of ['ben', 'ann', 'ben']) absence.took(src)
    absence.showed(insert('ab'))
    absence.showed([{ retain: 2 }, { insert: 'c' }])
    const missed = absence.end()
    expect(missed?.changes).toBe(3)
    expect(missed?.by.get('ben')).toBe(2)
    expect(compose([{ insert: '\n' }], missed?.change ?? [])).toEqual([{ insert: 'abc\n' }])
    expect(absence.end()).toBeNull()
  })

  test('is not worth a word when it was short or nobody did anything', () => {
    const absence = new Absence(() => 5_000)
    absence.begin(0)
    absence.took('ben')
    expect(absence.end()).toBeNull()
    absence.took('ben')
    expect(absence.end()).toBeNull()
  })

  test('is told however wrong the clock is', () => {
    const absence = new Absence(() => 0)
    absence.begin(3_600_000)
    absence.took('ben')
    expect(absence.end()?.changes).toBe(1)
  })
})
