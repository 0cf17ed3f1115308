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

const STORE = 'unsent'
const BY_DOCUMENT = 'document'

export class IndexedDbOutbox implements Outbox {
  readonly lasting = true

  constructor(private readonly database: IDBDatabase) {}

  /** Opens the database; rejects where the browser keeps nothing. */
  static open(factory: IDBFactory): Promise<IndexedDbOutbox> {
    return new Promise((resolve, reject) => {
      const request = factory.open('quire', 1)
      request.onupgradeneeded = () => {
        const store = request.result.createObjectStore(STORE, { keyPath: 'client' })
        store.createIndex(BY_DOCUMENT, 'document')
      }
      request.onsuccess = () => resolve(new IndexedDbOutbox(request.result))
      request.onerror = () => reject(request.error)
      request.onblocked = () => reject(new Error('The browser database is blocked.'))
    })
  }

  async put(work: UnsentWork): Promise<void> {
    await this.run('readwrite', (store) => store.put(work))
  }

  async remove(client: string): Promise<void> {
    await this.run('readwrite', (store) => store.delete(client))
  }

  list(document: string): Promise<UnsentWork[]> {
    return this.run('readonly', (store) => store.index(BY_DOCUMENT).getAll(document))
  }

  private run<T>(
    mode: IDBTransactionMode,
    ask: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(STORE, mode)
      const request = ask(transaction.objectStore(STORE))
      transaction.oncomplete = () => resolve(request.result)
      transaction.onabort = () => reject(transaction.error ?? new Error('Storing failed.'))
    })
  }
}

/** The best this browser offers. */
export async function openOutbox(): Promise<Outbox> {
  try {
    return await IndexedDbOutbox.open(indexedDB)
  } catch {
    return openLocalStorage()
  }
}

function openLocalStorage(): Outbox {
  try {
    localStorage.setItem(`${PREFIX}probe`, '')
    localStorage.removeItem(`${PREFIX}probe`)
    return new LocalStorageOutbox(localStorage)
  } catch {
    return new NoOutbox()
  }
}
