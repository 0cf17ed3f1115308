import type { Delta } from '../delta'
import { COPIES, inStore } from './database'
import type { CommittedChange, Person } from './presence'
import type { About } from './wire'

/** A document as it was last known here, so that it can be opened without the server. */
export interface Copy extends About {
  readonly document: string
  readonly revision: number
  readonly content: Delta
  /** The changes that led to `revision`, oldest first: work that was made before them is moved over them. */
  readonly recent: readonly CommittedChange[]
  /** Those whose changes may come next, by the name under which their changes come. */
  readonly people: Readonly<Record<string, Person>>
  /** Milliseconds since 1970. */
  readonly kept: number
}

/** The copies on this device, one for each document however many tabs show it. */
export interface Copies {
  find(document: string): Promise<Copy | undefined>
  /** Keeps a copy unless there is a newer one already. */
  keep(copy: Copy): Promise<void>
  remove(document: string): Promise<void>
}

/** Where nothing can be kept. */
export class NoCopies implements Copies {
  async find(): Promise<undefined> {
    return undefined
  }
  async keep(): Promise<void> {}
  async remove(): Promise<void> {}
}

/** How many documents can be opened without the server: the last ones. */
const MOST = 50

export class IndexedDbCopies implements Copies {
  constructor(private readonly database: IDBDatabase) {}

  find(document: string): Promise<Copy | undefined> {
    return inStore<Copy | undefined>(this.database, COPIES, 'readonly', (store) =>
      store.get(document),
    )
  }

  async keep(copy: Copy): Promise<void> {
    await inStore(this.database, COPIES, 'readwrite', (store) => {
      const known = store.get(copy.document)
      known.onsuccess = () => {
        const before = known.result as Copy | undefined
        if (!before || before.revision <= copy.revision) store.put(copy)
        if (!before) dropOldest(store)
      }
      return known
    })
  }

  async remove(document: string): Promise<void> {
    await inStore(this.database, COPIES, 'readwrite', (store) => store.delete(document))
  }
}

function dropOldest(store: IDBObjectStore): void {
  const all = store.getAllKeys()
  all.onsuccess = () => {
    if (all.result.length < MOST) return
    const ages: [number, IDBValidKey][] = []
    const walk = store.openCursor()
    walk.onsuccess = () => {
      const cursor = walk.result
      if (cursor) {
        ages.push([(cursor.value as Copy).kept, cursor.primaryKey])
        cursor.continue()
        return
      }
      ages.sort(([a], [b]) => a - b)
      for (const [, key] of ages.slice(0, ages.length - MOST)) store.delete(key)
    }
  }
}
