import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, test } from 'vitest'
import { openDatabase } from './database'
import { Keeper } from './keeper'
import { IndexedDbOutbox, LocalStorageOutbox, NoOutbox, type Outbox } from './outbox'
import { editsIn, type UnsentWork } from './work'

const work = (client: string, document: string, text: string): UnsentWork => ({
  client,
  document,
  revision: 4,
  nextSeq: 3,
  inFlight: { seq: 2, change: [{ retain: 1 }, { insert: text }], edits: 1 },
  pending: null,
  pendingEdits: 0,
})

class MemoryStorage implements Storage {
  private readonly items = new Map<string, string>();
  [name: string]: unknown

  get length(): number {
    return this.items.size
  }
  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value)
  }
  removeItem(key: string): void {
    this.items.delete(key)
  }
  clear(): void {
    this.items.clear()
  }
}

const OUTBOXES: [string, () => Promise<Outbox>][] = [
  ['IndexedDB', async () => new IndexedDbOutbox(await openDatabase(new IDBFactory()))],
  ['localStorage', async () => new LocalStorageOutbox(new MemoryStorage())],
]

describe.each(OUTBOXES)('outbox in %s', (_name, open) => {
  test('gives back what was put, by document, half surrogate pairs included', async () => {
    const outbox = await open()
    await outbox.put(work('a', 'D', '\ud83d'))
    await outbox.put(work('b', 'D', 'x'))
    await outbox.put(work('c', 'E', 'y'))
    const found = await outbox.list('D')
    expect(found.map(({ client }) => client).sort()).toEqual(['a', 'b'])
    expect(found.find(({ client }) => client === 'a')).toEqual(work('a', 'D', '\ud83d'))
  })

  test('holds one entry per client', async () => {
    const outbox = await open()
    await outbox.put(work('a', 'D', 'old'))
    await outbox.put(work('a', 'D', 'new'))
    expect(await outbox.list('D')).toEqual([work('a', 'D', 'new')])
    await outbox.remove('a')
    expect(await outbox.list('D')).toEqual([])
  })
})

describe('keeper', () => {
  /** An outbox whose writes end when the test says so. */
  class SlowOutbox extends NoOutbox {
    readonly puts: UnsentWork[] = []
    readonly removed: string[] = []
    private finish: Array<(error?: Error) => void> = []

    override put(put?: UnsentWork): Promise<void> {
      if (put) this.puts.push(put)
      return this.pending()
    }
    override remove(client?: string): Promise<void> {
      if (client) this.removed.push(client)
      return this.pending()
    }
    async next(error?: Error): Promise<void> {
      this.finish.shift()?.(error)
      await new Promise((resolve) => setImmediate(resolve))
    }
    private pending(): Promise<void> {
      return new Promise((resolve, reject) => {
        this.finish.push((error) => (error ? reject(error) : resolve()))
      })
    }
  }

  test('while a write is under way only the newest state waits', async () => {
    const outbox = new SlowOutbox()
    const keeper = new Keeper(outbox, () => {})
    for (const text of ['a', 'ab', 'abc', 'abcd']) keeper.keep(() => work('me', 'D', text))
    await outbox.next()
    await outbox.next()
    expect(outbox.puts).toEqual([work('me', 'D', 'a'), work('me', 'D', 'abcd')])
  })

  test('what became durable is removed, also when it was being written', async () => {
    const outbox = new SlowOutbox()
    const keeper = new Keeper(outbox, () => {})
    keeper.keep(() => work('me', 'D', 'a'))
    keeper.keep(() => null)
    await outbox.next()
    await outbox.next()
    expect(outbox.removed).toEqual(['me'])
    keeper.keep(() => null)
    expect(outbox.removed).toEqual(['me'])
  })

  test('counts an edit as kept only once it is written', async () => {
    const outbox = new SlowOutbox()
    const told: number[] = []
    const keeper = new Keeper(outbox, () => told.push(keeper.edits))
    keeper.keep(() => work('me', 'D', 'a'))
    expect(keeper.edits).toBe(0)
    await outbox.next()
    expect(keeper.edits).toBe(editsIn(work('me', 'D', 'a')))
    keeper.keep(() => null)
    await outbox.next()
    expect(told).toEqual([editsIn(work('me', 'D', 'a')), 0])
  })

  test('says when this device has no room left', async () => {
    const outbox = new SlowOutbox()
    let told = 0
    const keeper = new Keeper(outbox, () => told++)
    keeper.keep(() => work('me', 'D', 'a'))
    await outbox.next(new Error('QuotaExceededError'))
    expect(keeper.failed).toBe(true)
    keeper.keep(() => work('me', 'D', 'b'))
    await outbox.next()
    expect(keeper.failed).toBe(false)
    expect(told).toBe(2)
  })
})
