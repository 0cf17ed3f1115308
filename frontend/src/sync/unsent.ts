import { compose, type Delta, invert, LongChange, split } from '../delta'
import type { Submission, UnsentWork } from './work'

/** A submission whose change follows what others do. */
interface Sent {
  readonly seq: number
  readonly change: LongChange
  readonly edits: number
}

const submission = ({ seq, change, edits }: Sent): Submission => ({
  seq,
  change: change.value(),
  edits,
})
const sent = ({ seq, change, edits }: Submission): Sent => ({
  seq,
  change: new LongChange(change),
  edits,
})

/**
 * How many submissions an earlier copy of us may have made that this device was not told of. What is done after work was
 * taken up again is numbered above them, so that none of them can be mistaken for it.
 */
const UNTOLD = 1000

/**
 * The user's own changes that the server has not acknowledged: at most one in flight, then what was taken up from an
 * earlier copy of us, which may have sent it, then everything after that composed into one pending change. What the user
 * sees is always server's content, then these in their order.
 */
export class Unsent {
  /** The number the next submission made of pending will bear. */
  nextSeq = 1
  /** Grows with every step of the user's work, and stays where it is only moved over what others did. */
  steps = 0
  private flight: Sent | null = null
  private queue: Sent[] = []
  private waiting: LongChange | null = null
  private waitingEdits = 0

  /** What was sent. */
  get inFlight(): Submission | null {
    return this.flight && submission(this.flight)
  }

  get inFlightSeq(): number | null {
    return this.flight?.seq ?? null
  }

  /** What an earlier copy of us may have sent next. */
  get queued(): readonly Submission[] {
    return this.queue.map(submission)
  }

  get queuedSeq(): number | null {
    return this.queue[0]?.seq ?? null
  }

  get pending(): Delta | null {
    return this.waiting?.value() ?? null
  }

  get pendingEdits(): number {
    return this.waitingEdits
  }

  /** How many edits of the user are not yet durable. */
  get edits(): number {
    return this.numbered.reduce((sum, { edits }) => sum + edits, this.waitingEdits)
  }

  /** The user's work, step by step. */
  get changes(): readonly Delta[] {
    const { pending } = this
    const numbered = this.numbered.map(({ change }) => change.value())
    return pending ? [...numbered, pending] : numbered
  }

  /** The user's work as one change of the server's content. */
  get change(): Delta {
    return this.changes.reduce(compose, [])
  }

  private get numbered(): readonly Sent[] {
    return this.flight ? [this.flight, ...this.queue] : this.queue
  }

  /** Goes on with work that was kept. Nothing is added to any of it: it may have been sent as it is. */
  resume({ inFlight, queued = [], pending, pendingEdits, nextSeq }: UnsentWork): void {
    this.flight = inFlight && sent(inFlight)
    this.queue = queued.map(sent)
    if (pending) this.queue.push(sent({ seq: nextSeq, change: pending, edits: pendingEdits }))
    this.nextSeq = nextSeq + UNTOLD
  }

  add(change: Delta): void {
    this.steps++
    if (this.waiting) this.waiting.compose(change)
    else this.waiting = new LongChange(change)
    this.waitingEdits++
  }

  /** Puts the next work in flight, no more of it than fits into one message. */
  takeNext(budget: number): Submission | null {
    if (this.flight) return null
    const next = this.queue.shift() ?? this.takePending()
    if (!next) return null
    this.steps++
    const { seq } = next
    const { first, rest } = split(next.change.value(), budget)
    // Others may have deleted all that it changed.
    if (first.length === 0) return this.takeNext(budget)
    this.flight = next
    if (rest.length > 0) {
      this.flight = sent({ seq, change: first, edits: next.edits - 1 || 1 })
      this.queue.unshift(sent({ seq: seq + 1, change: rest, edits: 1 }))
      this.passed(seq + 1)
    }
    return this.inFlight
  }

  private takePending(): Sent | null {
    const { waiting: change, waitingEdits: edits } = this
    if (!change) return null
    this.waiting = null
    this.waitingEdits = 0
    return { seq: this.nextSeq++, change, edits }
  }

  /** A number is taken. */
  passed(seq: number): void {
    this.nextSeq = Math.max(this.nextSeq, seq + 1)
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
    return this.overWaiting(incoming)
  }

  /**
   * Takes the submission in flight back and keeps what was typed after it.
   * `content` is the server's; the answer undoes the submission in the editor.
   */
  withdraw(content: Delta): Delta {
    const undo = invert(this.acknowledge(), content)
    return this.overWaiting(undo)
  }

  clear(): void {
    this.steps++
    this.flight = null
    this.queue = []
    this.waiting = null
    this.waitingEdits = 0
  }

  private overWaiting(incoming: Delta): Delta {
    const over = this.queue.reduce((change, { change: own }) => own.cross(change), incoming)
    return this.waiting ? this.waiting.cross(over) : over
  }
}
