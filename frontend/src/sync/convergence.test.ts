import { describe, expect, test } from 'vitest'
import { type Delta, lengthOf, textOf } from '../delta'
import { forSeeds, type Random } from '../testing/random'
import { ModelServer } from './testing/model-server'
import { SimulatedTab, settle, textIn } from './testing/simulation'
import { VirtualSchedule } from './testing/virtual-schedule'
import { editsIn } from './work'

interface Scene {
  readonly server: ModelServer
  readonly schedule: VirtualSchedule
  readonly tabs: SimulatedTab[]
}

function scene(random: Random, content: Delta, clients: number): Scene {
  const server = new ModelServer(content)
  const schedule = new VirtualSchedule(random)
  const tabs = Array.from({ length: clients }, () => new SimulatedTab(random, server, schedule))
  settle(tabs, schedule)
  return { server, schedule, tabs }
}

function expectAllEqual({ server, tabs }: Scene): void {
  for (const tab of tabs) {
    expect(tab.document.unsent.edits).toBe(0)
    expect(tab.document.revision).toBe(server.log.length)
    expect(tab.shown).toEqual(server.content)
  }
}

/** Anything that happens on the way: messages, lost paths, time, an input method composing. */
function disturb(random: Random, { tabs, schedule }: Scene): void {
  const tab = random.pick(tabs)
  const what = random.next()
  if (what < 0.7) tab.step()
  else if (what < 0.73) tab.cut()
  else if (what < 0.76) tab.document.hold()
  else if (what < 0.82) tab.document.release()
  else if (what < 0.84) tab.connection.doubt()
  else schedule.advance(random.below(400))
}

const RUNS = Number(process.env.SYNC_RUNS ?? 150)

describe('convergence', () => {
  test('all copies end equal, whatever the network does', () => {
    forSeeds(RUNS, (random) => {
      const all = scene(random, [{ insert: 'Hello 😀 world\n' }], 2 + random.below(3))
      for (let n = 0; n < 250; n++) {
        if (random.chance(0.2)) random.pick(all.tabs).edit({ rich: true, lone: true })
        else disturb(random, all)
      }
      for (const tab of all.tabs) tab.document.release()
      settle(all.tabs, all.schedule)
      expectAllEqual(all)
    })
  })

  test('every edit arrives exactly once, also of tabs that die and come back', () => {
    forSeeds(RUNS, (random) => {
      const all = scene(random, [{ insert: '\n' }], 3)
      const must = new Set<string>()
      const heirs: SimulatedTab[] = []
      let count = 0
      for (let n = 0; n < 250; n++) {
        const at = random.below(all.tabs.length)
        const tab = all.tabs[at] as SimulatedTab
        if (random.chance(0.2) && tab.shown) {
          const mark = markOf(count++)
          tab.type(insertAt(random.below(lengthOf(tab.shown)), mark))
          must.add(mark)
        } else if (random.chance(0.02)) {
          const seen = tab.shown ? textOf(tab.shown) : ''
          tab.crash()
          forgetUnstored(must, seen, tab)
          if (tab.stored) heirs.push(new SimulatedTab(random, all.server, all.schedule, tab.stored))
          heirs.push(tab)
          all.tabs[at] = new SimulatedTab(random, all.server, all.schedule)
        } else disturb(random, { ...all, tabs: [...all.tabs, ...heirs] })
      }
      const everyone = [...all.tabs, ...heirs]
      for (const tab of everyone) tab.document.release()
      settle(everyone, all.schedule)
      expectAllEqual(all)
      const text = textOf(all.server.content)
      const found = new Map<string, number>()
      for (const mark of text.match(MARK) ?? []) found.set(mark, (found.get(mark) ?? 0) + 1)
      for (const [mark, times] of found)
        expect(times, `mark ${mark.charCodeAt(0) - 0xe000}`).toBe(1)
      for (const mark of must)
        expect(found.get(mark), `mark ${mark.charCodeAt(0) - 0xe000}`).toBe(1)
    })
  })

  test('a document that opens while its path is lost and an input method composes is up to date in the end', () => {
    forSeeds(RUNS, (random) => {
      const all = scene(random, [{ insert: '\n' }], 1)
      const { server, schedule } = all
      const [writer] = all.tabs as [SimulatedTab]
      const opening = new SimulatedTab(random, server, schedule)
      all.tabs.push(opening)
      opening.document.hold()
      for (let n = random.below(12); n > 0; n--) opening.step()
      opening.cut()
      writer.type([{ insert: 'missed' }])
      for (let n = 0; n < 20; n++) writer.step()
      for (let n = random.below(40); n > 0; n--) {
        opening.step()
        schedule.advance(random.below(2_000))
      }
      opening.document.release()
      settle(all.tabs, schedule)
      expectAllEqual(all)
    })
  })

  test('a refused edit is undone alone', () => {
    forSeeds(RUNS, (random) => {
      const all = scene(random, [{ insert: 'base\n' }], 2)
      all.server.refuse = (change) => (textOf(change).includes('✗') ? 'ERR_REFUSED' : undefined)
      const [bad, good] = all.tabs as [SimulatedTab, SimulatedTab]
      let marks = 0
      for (let n = 0; n < 150; n++) {
        if (random.chance(0.05)) {
          bad.type([{ insert: '✗' }])
          settleOne(bad)
        } else if (random.chance(0.1)) good.type([{ insert: `<${marks++}>` }])
        else if (random.chance(0.12)) good.edit({ rich: true, keepLast: true })
        else disturb(random, all)
      }
      for (const tab of all.tabs) tab.document.release()
      settle(all.tabs, all.schedule)
      expectAllEqual(all)
      expect(textOf(all.server.content)).not.toContain('✗')
    })
  })
})

/** A crash loses at most what was neither stored nor sent; such edits need not arrive. */
function forgetUnstored(must: Set<string>, seen: string, tab: SimulatedTab): void {
  const stored = tab.stored ? textIn(tab.stored) : ''
  const own = textOf(tab.document.unsent.change)
  for (const mark of seen.match(MARK) ?? []) {
    if (own.includes(mark) && !stored.includes(mark)) must.delete(mark)
  }
  if (tab.stored) expect(editsIn(tab.stored)).toBeGreaterThan(0)
}

/** Every edit is one character that no other edit inserts. */
const markOf = (number: number) => String.fromCharCode(0xe000 + number)
const MARK = /[\ue000-\uf8ff]/g

const insertAt = (index: number, text: string): Delta =>
  index > 0 ? [{ retain: index }, { insert: text }] : [{ insert: text }]

function settleOne(tab: SimulatedTab): void {
  for (let n = 0; n < 4; n++) tab.step()
}
