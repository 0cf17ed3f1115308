import type { Delta } from '../delta'

/** A change on its way to the server. (client, seq) is its identity for ever. */
export interface Submission {
  readonly seq: number
  readonly change: Delta
  /** How many edits of the user it holds. */
  readonly edits: number
}

/**
 * What a client has not been told is durable, relative to `revision`. Stored
 * on this device, it can be sent again later under the same identities: the
 * next submission made of it will always bear `nextSeq`, so a copy that is a
 * little older than what was really sent is harmless.
 */
export interface UnsentWork {
  readonly client: string
  readonly document: string
  readonly revision: number
  readonly nextSeq: number
  readonly inFlight: Submission | null
  readonly pending: Delta | null
  readonly pendingEdits: number
}

export const editsIn = (work: UnsentWork) => (work.inFlight?.edits ?? 0) + work.pendingEdits
