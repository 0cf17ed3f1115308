import type { Cancel, Schedule } from './schedule'
import type { Incoming } from './wire'

/** Least time between two rounds, in ms: one frame. */
const FRAME = 16
/** The same while more than a few are here: a frame of the user's own keys must not wait for theirs. */
const CROWD_FRAME = 60
const FEW = 4
/** How long a round may take, in ms: after a long absence there is much to read, and the user types on. */
const PATIENCE = 12

export interface InboxReader {
  /** What was missed is still coming. */
  readonly catchingUp: boolean
  readonly presence: { readonly size: number }
  take(message: Incoming): void
  /** A round is over; `long` says that it took all of its time. Answers whether there has to be another one. */
  taken(long: boolean): boolean
}

/** What the server said and is not taken in yet. It is taken in rounds, one a frame, so that many typists cost one redraw. */
export class Inbox {
  private messages: Incoming[] = []
  private held = false
  /** When the last round began, in schedule time. */
  private began = Number.NEGATIVE_INFINITY
  private planned: Cancel | null = null

  constructor(
    private readonly reader: InboxReader,
    private readonly schedule: Schedule,
  ) {}

  add(messages: readonly Incoming[]): void {
    for (const message of messages) this.messages.push(message)
    if (this.wait > 0 || this.reader.catchingUp || this.planned) this.plan()
    else this.round()
  }

  /** Takes nothing in until it is released. */
  hold(): void {
    this.held = true
  }

  release(): void {
    this.held = false
    this.round()
  }

  /** Has a round come. */
  plan(): void {
    if (this.held || this.planned) return
    // What was missed is taken in at once; between two rounds the browser gets its turn all the same.
    const wait = this.reader.catchingUp ? 0 : this.wait
    const round = () => this.round()
    this.planned = wait > 0 ? this.schedule.after(wait, round) : this.schedule.soon(round)
  }

  /** Until the next round, in ms. */
  private get wait(): number {
    const frame = this.reader.presence.size > FEW ? CROWD_FRAME : FRAME
    return Math.max(0, this.began + frame - this.schedule.now())
  }

  private round(): void {
    this.planned?.()
    this.planned = null
    if (this.held) return
    this.began = this.schedule.now()
    const behind = this.reader.catchingUp
    const long = this.takeSome() || (behind && !this.reader.catchingUp)
    if (this.reader.taken(long) || this.messages.length > 0) this.plan()
  }

  /** Takes in what came; answers whether that took all the time that a round has. */
  private takeSome(): boolean {
    const tired = () => this.schedule.now() - this.began > PATIENCE
    let taken = 0
    for (const message of this.messages) {
      // What ends catching up sends all of the user's work, which is a round by itself.
      if (taken > 0 && (message.a === 's' || tired())) break
      this.reader.take(message)
      taken++
    }
    this.messages.splice(0, taken)
    return taken > 0 && tired()
  }
}
