/** What this device keeps: work not yet on the server, by client; the last known content of documents, by document. */
export const UNSENT = 'unsent'
export const COPIES = 'copies'
export const BY_DOCUMENT = 'document'

/** Opens the database; rejects where the browser keeps nothing. */
export function openDatabase(factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    // Version 3 keeps work as text. A page that cannot read it must not take it over.
    const request = factory.open('quire', 3)
    request.onupgradeneeded = () => {
      const database = request.result
      const has = (name: string) => database.objectStoreNames.contains(name)
      if (!has(UNSENT)) {
        database
          .createObjectStore(UNSENT, { keyPath: 'client' })
          .createIndex(BY_DOCUMENT, 'document')
      }
      if (!has(COPIES)) database.createObjectStore(COPIES, { keyPath: 'document' })
    }
    request.onsuccess = () => {
      // A newer page in another tab must not wait for this one.
      request.result.onversionchange = () => request.result.close()
      resolve(request.result)
    }
    request.onerror = () => reject(request.error)
    request.onblocked = () => reject(new Error('The browser database is blocked.'))
  })
}

/** Runs one transaction on one store and answers what `ask` asked for, once that is complete. */
export function inStore<T>(
  database: IDBDatabase,
  name: string,
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(name, mode)
    const request = ask(transaction.objectStore(name))
    transaction.oncomplete = () => resolve(request.result)
    transaction.onabort = () => reject(transaction.error ?? new Error('Storing failed.'))
  })
}
