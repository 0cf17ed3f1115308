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

export class IndexedDbOutbox implements Outbox {
  readonly lasting = true

  constructor(private readonly database: IDBDatabase) {}

  async put(work: UnsentWork): Promise<void> {
    await inStore(this.database, UNSENT, 'readwrite', (store) => store.put(work))
  }

  async remove(client: string): Promise<void> {
    await inStore(this.database, UNSENT, 'readwrite', (store) => store.delete(client))
  }

  list(document: string): Promise<UnsentWork[]> {
    const all = (store: IDBObjectStore) => store.index(BY_DOCUMENT).getAll(document)
    return inStore(this.database, UNSENT, 'readonly', all)
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
