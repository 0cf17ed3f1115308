import { BY_DOCUMENT, inStore, UNSENT } from './database'
import type { UnsentWork } from './work'

/** A place on this device for work that is not yet durable on the server. One entry per client id. */
export interface Outbox {
  /** Whether what is put here survives the tab. */
  readonly lasting: boolean
  put(work: UnsentWork): Promise<void>
  remove(client: string): Promise<void>
  list(document: string): Promise<UnsentWork[]>
}

/** Where nothing can be kept: private windows, blocked storage. */
export class NoOutbox implements Outbox {
  readonly lasting = false
  async put(): Promise<void> {}
  async remove(): Promise<void> {}
  async list(): Promise<UnsentWork[]> {
    return []
  }
}

const PREFIX = 'quire:unsent:'

/** For browsers that have localStorage but no IndexedDB. */
export class LocalStorageOutbox implements Outbox {
  readonly lasting = true

  constructor(private readonly storage: Storage) {}

  async put(work: UnsentWork): Promise<void> {
    this.storage.setItem(PREFIX + work.client, JSON.stringify(work))
  }

  async remove(client: string): Promise<void> {
    this.storage.removeItem(PREFIX + client)
  }

  async list(document: string): Promise<UnsentWork[]> {
    const found: UnsentWork[] = []
    for (let n = 0; n < this.storage.length; n++) {
      const key = this.storage.key(n)
      const text = key?.startsWith(PREFIX) ? this.storage.getItem(key) : null
      if (!text) continue
      const work = JSON.parse(text) as UnsentWork
      if (work.document === document) found.push(work)
    }
    return found
  }
}

/** Work as it is kept in the database; earlier pages kept it as it is. */
interface Entry {
  readonly client: string
  readonly document: string
  readonly json: string
}

export class IndexedDbOutbox implements Outbox {
  readonly lasting = true

  constructor(private readonly database: IDBDatabase) {}

  async put(work: UnsentWork): Promise<void> {
    const { client, document } = work
    // The browser takes several times as long to copy tens of thousands of steps as to write them as text.
    const entry: Entry = { client, document, json: JSON.stringify(work) }
    await inStore(this.database, UNSENT, 'readwrite', (store) => store.put(entry))
  }

  async remove(client: string): Promise<void> {
    await inStore(this.database, UNSENT, 'readwrite', (store) => store.delete(client))
  }

  async list(document: string): Promise<UnsentWork[]> {
    const all = (store: IDBObjectStore): IDBRequest<(Entry | UnsentWork)[]> =>
      store.index(BY_DOCUMENT).getAll(document)
    const entries = await inStore(this.database, UNSENT, 'readonly', all)
    return entries.map((entry) =>
      'json' in entry ? (JSON.parse(entry.json) as UnsentWork) : entry,
    )
  }
}

/** For browsers without a database. */
export function openLocalStorage(): Outbox {
  try {
    localStorage.setItem(`${PREFIX}probe`, '')
    localStorage.removeItem(`${PREFIX}probe`)
    return new LocalStorageOutbox(localStorage)
  } catch {
    return new NoOutbox()
  }
}
