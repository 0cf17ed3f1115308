import { describe, expect, test } from 'vitest'
import type { Delta } from '../delta'
import { Random } from '../testing/random'
import { ModelServer } from './testing/model-server'
import { SimulatedTab, settle } from './testing/simulation'
import { VirtualSchedule } from './testing/virtual-schedule'

const ANN = { name: 'Ann', color: '#112233' }

function two(content: Delta) {
  const random = new Random(7)
  const server = new ModelServer(content)
  const schedule = new VirtualSchedule(random)
  const ann = new SimulatedTab(random, server, schedule)
  const ben = new SimulatedTab(random, server, schedule)
  const quiet = () => settle([ann, ben], schedule)
  quiet()
  ann.document.presence.introduce(ANN)
  return { ann, ben, quiet, server, schedule }
}

const seen = (tab: SimulatedTab) => tab.document.presence.list.map(({ selection }) => selection)

describe('presence', () => {
  test('a person without a caret is here all the same', () => {
    const { ben, quiet } = two([{ insert: 'hello\n' }])
    quiet()
    expect(ben.document.presence.list).toMatchObject([{ ...ANN, selection: null }])
  })

  test('a caret moves through edits made by others before it', () => {
    const { ann, ben, quiet } = two([{ insert: 'hello\n' }])
    ann.document.presence.select({ index: 3, length: 2 })
    quiet()
    ben.type([{ insert: 'XY' }])
    expect(seen(ben)).toEqual([{ index: 5, length: 2 }])
    quiet()
    expect(seen(ben)).toEqual([{ index: 5, length: 2 }])
  })

  test("an insertion at a caret pushes it along only if it is by the caret's own author", () => {
    const { ann, ben, quiet } = two([{ insert: 'hello\n' }])
    ann.document.presence.select({ index: 2, length: 0 })
    quiet()
    ben.type([{ retain: 2 }, { insert: '!' }])
    expect(seen(ben)).toEqual([{ index: 2, length: 0 }])
    quiet()
    ann.type([{ retain: 2 }, { insert: 'abc' }])
    quiet()
    expect(seen(ben)).toEqual([{ index: 5, length: 0 }])
  })

  test('a caret announced in the middle of unsent work is right once the work arrives', () => {
    const { ann, ben, quiet, schedule } = two([{ insert: 'hello\n' }])
    ann.cut()
    ann.type([{ insert: 'new ' }])
    ann.document.presence.select({ index: 6, length: 1 })
    schedule.advance(100)
    quiet()
    expect(seen(ben)).toEqual([{ index: 6, length: 1 }])
  })

  test('who loses the connection disappears, and comes back unasked', () => {
    const { ann, ben, quiet } = two([{ insert: 'hello\n' }])
    ann.document.presence.select({ index: 1, length: 0 })
    quiet()
    ann.cut()
    quiet()
    expect(seen(ben)).toEqual([{ index: 1, length: 0 }])
    ann.crash()
    quiet()
    expect(seen(ben)).toEqual([])
  })

  test('a stranger may send anything', () => {
    const { ben, quiet } = two([{ insert: 'hello\n' }])
    const strange = {
      name: 'x'.repeat(500),
      color: 'red; background: url(x)',
      index: -4,
      length: 1e9,
    }
    ben.document.received({
      a: 'p',
      id: 'stranger',
      src: 's',
      revision: 0,
      version: 1,
      value: strange,
    })
    quiet()
    const [peer] = ben.document.presence.list.filter(({ id }) => id === 'stranger')
    expect(peer?.name).toHaveLength(60)
    expect(peer?.color).toBe('#6b7280')
    expect(peer?.selection).toBeNull()
  })
})
