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
 * next submission made of pending will bear `nextSeq`. What is stored may be
 * a little older than what was really sent.
 */
export interface UnsentWork {
  readonly client: string
  readonly document: string
  readonly revision: number
  readonly nextSeq: number
  readonly inFlight: Submission | null
  /** What comes next, as it may have been sent by an earlier copy. Work stored by older versions has none. */
  readonly queued?: readonly Submission[]
  readonly pending: Delta | null
  readonly pendingEdits: number
}

export const editsIn = ({ inFlight, queued = [], pendingEdits }: UnsentWork) =>
  queued.reduce((sum, { edits }) => sum + edits, (inFlight?.edits ?? 0) + pendingEdits)
