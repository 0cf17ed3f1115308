import { type Claims, openClaims } from './claims'
import { type Copies, type Copy, IndexedDbCopies, NoCopies } from './copies'
import { openDatabase } from './database'
import { IndexedDbOutbox, type Outbox, openLocalStorage } from './outbox'
import { editsIn, type UnsentWork } from './work'

/** What this device keeps for the pages of this site, and how their tabs agree on who owns what. */
export interface Device {
  readonly claims: Claims
  readonly outbox: Outbox
  readonly copies: Copies
}

/** The best this browser offers. */
export async function openDevice(): Promise<Device> {
  const claims = openClaims()
  try {
    const database = await openDatabase(indexedDB)
    return {
      claims,
      outbox: new IndexedDbOutbox(database),
      copies: new IndexedDbCopies(database),
    }
  } catch {
    return { claims, outbox: openLocalStorage(), copies: new NoCopies() }
  }
}

/** A document as this device has it, and work on it that an earlier tab left, which is this tab's from now on. */
export interface Kept {
  readonly copy: Copy
  readonly work: UnsentWork | null
}

/** Finds what is needed to show a document without the server. */
export async function findKept(device: Device, document: string): Promise<Kept | null> {
  const copy = await device.copies.find(document)
  if (!copy) return null
  const oldest = copy.revision - copy.recent.length
  const left = (await device.outbox.list(document))
    .filter(({ revision }) => revision >= oldest && revision <= copy.revision)
    .sort((a, b) => editsIn(b) - editsIn(a))
  for (const work of left) {
    if (await device.claims.claim(work.client)) return { copy, work }
  }
  return { copy, work: null }
}
