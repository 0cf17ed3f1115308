import { compose, cross, type Delta, invert, split } from '../delta'
import type { Submission } from './work'

/**
 * The user's own changes that the server has not acknowledged: at most one in
 * flight, everything after it composed into one pending change. What the user
 * sees is always server's content, then inFlight, then pending.
 */
export class Unsent {
  inFlight: Submission | null = null
  pending: Delta | null = null
  pendingEdits = 0
  /** The number the next submission will bear. */
  nextSeq = 1

  /** How many edits of the user are not yet durable. */
  get edits(): number {
    return (this.inFlight?.edits ?? 0) + this.pendingEdits
  }

  /** The user's work as one change of the server's content. */
  get change(): Delta {
    return compose(this.inFlight?.change ?? [], this.pending ?? [])
  }

  add(change: Delta): void {
    this.pending = this.pending ? compose(this.pending, change) : change
    this.pendingEdits++
  }

  /** Puts pending work in flight, no more of it than fits into one message. */
  takeNext(budget: number): Submission | null {
    if (this.inFlight || !this.pending) return null
    const { first, rest } = split(this.pending, budget)
    const edits = this.pendingEdits
    this.pending = null
    this.pendingEdits = 0
    // Others may have deleted all that it changed.
    if (first.length === 0) return null
    if (rest.length > 0) {
      this.pending = rest
      this.pendingEdits = 1
    }
    this.inFlight = { seq: this.nextSeq++, change: first, edits: edits - this.pendingEdits || 1 }
    return this.inFlight
  }

  /** The server made the submission in flight durable; answers its change. */
  acknowledge(): Delta {
    const change = this.inFlight?.change ?? []
    this.inFlight = null
    return change
  }

  /** Moves own work over a change of somebody else; answers that change as the editor must apply it. */
  rebase(committed: Delta): Delta {
    let incoming = committed
    if (this.inFlight) {
      const crossed = cross(incoming, this.inFlight.change)
      this.inFlight = { ...this.inFlight, change: crossed.local }
      incoming = crossed.committed
    }
    return this.overPending(incoming)
  }

  /**
   * Takes the submission in flight back and keeps what was typed after it.
   * `content` is the server's; the answer undoes the submission in the editor.
   */
  withdraw(content: Delta): Delta {
    const undo = invert(this.acknowledge(), content)
    return this.overPending(undo)
  }

  clear(): void {
    this.inFlight = null
    this.pending = null
    this.pendingEdits = 0
  }

  private overPending(incoming: Delta): Delta {
    if (!this.pending) return incoming
    const crossed = cross(incoming, this.pending)
    this.pending = crossed.local
    return crossed.committed
  }
}
