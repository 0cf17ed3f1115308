import { compose, type Delta, invert, LongChange, split } from '../delta'
import type { Submission, UnsentWork } from './work'

/**
 * The user's own changes that the server has not acknowledged: at most one in
 * flight, everything after it composed into one pending change. What the user
 * sees is always server's content, then inFlight, then pending.
 */
export class Unsent {
  /** The number the next submission will bear. */
  nextSeq = 1
  /** Grows with every step of the user's work, and stays where it is only moved over what others did. */
  steps = 0
  private flight: { seq: number; change: LongChange; edits: number } | null = null
  private waiting: LongChange | null = null
  private waitingEdits = 0

  /** What was sent. */
  get inFlight(): Submission | null {
    return this.flight && { ...this.flight, change: this.flight.change.value() }
  }

  get inFlightSeq(): number | null {
    return this.flight?.seq ?? null
  }

  get pending(): Delta | null {
    return this.waiting?.value() ?? null
  }

  get pendingEdits(): number {
    return this.waitingEdits
  }

  /** How many edits of the user are not yet durable. */
  get edits(): number {
    return (this.flight?.edits ?? 0) + this.waitingEdits
  }

  /** The user's work as one change of the server's content. */
  get change(): Delta {
    return compose(this.inFlight?.change ?? [], this.pending ?? [])
  }

  /** Goes on with work that was kept. */
  resume({ inFlight, pending, pendingEdits, nextSeq }: UnsentWork): void {
    this.flight = inFlight && { ...inFlight, change: new LongChange(inFlight.change) }
    this.waiting = pending && new LongChange(pending)
    this.waitingEdits = pendingEdits
    this.nextSeq = nextSeq
  }

  add(change: Delta): void {
    this.steps++
    if (this.waiting) this.waiting.compose(change)
    else this.waiting = new LongChange(change)
    this.waitingEdits++
  }

  /** Puts pending work in flight, no more of it than fits into one message. */
  takeNext(budget: number): Submission | null {
    if (this.flight || !this.waiting) return null
    this.steps++
    const { waiting } = this
    const { first, rest } = split(waiting.value(), budget)
    const edits = this.waitingEdits
    this.waiting = null
    this.waitingEdits = 0
    // Others may have deleted all that it changed.
    if (first.length === 0) return null
    if (rest.length > 0) {
      this.waiting = new LongChange(rest)
      this.waitingEdits = 1
    }
    const change = rest.length > 0 ? new LongChange(first) : waiting
    this.flight = { seq: this.nextSeq++, change, edits: edits - this.waitingEdits || 1 }
    return this.inFlight
  }

  /** The server made the submission in flight durable; answers its change. */
  acknowledge(): Delta {
    this.steps++
    const change = this.flight?.change.value() ?? []
    this.flight = null
    return change
  }

  /** Moves own work over a change of somebody else; answers that change as the editor must apply it. */
  rebase(committed: Delta): Delta {
    const incoming = this.flight ? this.flight.change.cross(committed) : committed
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
    this.steps++
    this.flight = null
    this.waiting = null
    this.waitingEdits = 0
  }

  private overPending(incoming: Delta): Delta {
    return this.waiting ? this.waiting.cross(incoming) : incoming
  }
}
