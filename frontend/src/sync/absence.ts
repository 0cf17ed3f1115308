import { type Delta, LongChange } from '../delta'

/** What others did while the user was away. */
export interface Missed {
  readonly changes: number
  /** Under which names the changes came, and how many of each. */
  readonly by: ReadonlyMap<string, number>
  /** All of it as one change of what the user saw. */
  readonly change: Delta
}

/** An absence shorter than this is not worth a word, in ms. */
const WORTH_TELLING = 20_000

/** Counts what others did between the moment the server could not be heard any more and catching up with it. */
export class Absence {
  private since: number | null = null
  private by = new Map<string, number>()
  private change = new LongChange([])

  /** `now` is in milliseconds since 1970. */
  constructor(private readonly now: () => number = Date.now) {}

  /** The server cannot be heard since that moment. */
  begin(since: number): void {
    this.since ??= since
  }

  /** Somebody else made a change. */
  took(src: string): void {
    if (this.since !== null) this.by.set(src, (this.by.get(src) ?? 0) + 1)
  }

  /** The editor shows some of what others did. */
  showed(change: Delta): void {
    if (this.since !== null) this.change.compose(change)
  }

  /** Own edits move what others did. */
  edited(change: Delta): void {
    if (this.since !== null && this.by.size > 0) this.change.compose(change)
  }

  /** All that was missed has come: answers it if the user was away for long enough to be told. */
  end(): Missed | null {
    const { since, by, change } = this
    this.since = null
    this.by = new Map()
    this.change = new LongChange([])
    if (since === null || by.size === 0) return null
    // A clock that was set back makes the absence negative: better to tell too much.
    const away = Math.abs(this.now() - since)
    if (away < WORTH_TELLING) return null
    let changes = 0
    for (const count of by.values()) changes += count
    return { changes, by, change: change.value() }
  }
}
