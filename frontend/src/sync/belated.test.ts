import { describe, expect, test } from 'vitest'
import { textOf } from '../delta'
import { forSeeds, type Random } from '../testing/random'
import { Belated } from './belated'
import type { Kept } from './device'
import { ModelServer } from './testing/model-server'
import { SimulatedTab, settle } from './testing/simulation'
import { VirtualSchedule } from './testing/virtual-schedule'
import type { UnsentWork } from './work'

/** A tab left work on the device and is gone; another one has opened and was told nothing yet. */
function scene(random: Random) {
  const server = new ModelServer([{ insert: 'Hello world\n' }])
  const schedule = new VirtualSchedule(random)
  const before = new SimulatedTab(random, server, schedule)
  settle([before], schedule)
  const copy = before.document.copy()
  if (!copy) throw new Error('the tab has no content')
  before.connection.close()
  before.type([{ insert: 'mine ' }])
  before.store()
  const work = before.stored
  before.crash()
  const about = { kind: 'rich', language: '', title: 'T', kept: 0 } as const
  const kept: Kept = { copy: structuredClone({ ...copy, ...about }), work }
  const tab = new SimulatedTab(random, server, schedule)
  const delivered: UnsentWork[] = []
  const belated = new Belated(
    (found) => {
      tab.connection.id = found.work?.client ?? null
      tab.document.restore(found)
    },
    (left) => delivered.push(left),
  )
  const look = () => belated.settle(tab.document, tab.connection)
  return { server, schedule, tab, kept, belated, delivered, look }
}

describe('a copy that this device gives late', () => {
  test('is shown while the server cannot be heard, and its work merged once', () => {
    forSeeds(60, (random) => {
      const { server, schedule, tab, kept, belated, delivered, look } = scene(random)
      // The path is lost before the server said anything of the document.
      for (let n = random.below(3); n > 0; n--) tab.step()
      tab.cut()
      belated.arrived(kept)
      for (let n = 0; tab.connection.state !== 'waiting' && n < 100; n++) schedule.advance(500)
      look()
      expect(textOf(tab.shown ?? [])).toBe('mine Hello world\n')
      tab.type([{ insert: 'and later ' }])
      look()
      settle([tab], schedule)
      expect(textOf(server.content)).toBe('and later mine Hello world\n')
      expect(tab.shown).toEqual(server.content)
      expect(tab.document.unsent.edits).toBe(0)
      expect(delivered).toEqual([])
    })
  })

  test('does not replace what the server said meanwhile, and its work goes its own way', () => {
    forSeeds(60, (random) => {
      const { server, schedule, tab, kept, belated, delivered, look } = scene(random)
      if (random.chance(0.5)) belated.arrived(kept)
      settle([tab], schedule)
      tab.type([{ insert: 'new ' }])
      if (belated.client === undefined) belated.arrived(kept)
      look()
      look()
      settle([tab], schedule)
      expect(textOf(server.content)).toBe('new Hello world\n')
      expect(tab.shown).toEqual(server.content)
      expect(delivered).toEqual([kept.work])
      expect(belated.client).toBeUndefined()
    })
  })

  test('waits while the server is being asked', () => {
    forSeeds(20, (random) => {
      const { tab, kept, belated, delivered, look } = scene(random)
      belated.arrived(kept)
      look()
      expect(tab.shown).toBeNull()
      expect(delivered).toEqual([])
      expect(belated.client).toBe(kept.work?.client)
    })
  })
})
