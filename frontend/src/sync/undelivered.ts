import { type Delta, LongChange, Series } from '../delta'
import type { Selection } from './presence'

/** Ops of the first portion; later ones depend on how long the editor takes. */
const FIRST_PORTION = 150
const MOST = 50_000
/** How long the editor should take for a portion, in ms: more is a hitch to somebody who types. */
const WANTED = 12

/**
 * What the document has taken in and the editor does not show yet. After a long absence that is much, and it is handed over
 * in portions. What the user does meanwhile is made in the text without it.
 */
export class Undelivered {
  private change = new LongChange([])
  /** What came since somebody last looked at the whole. */
  private arrived = new Series()
  private portion = FIRST_PORTION

  get isEmpty(): boolean {
    return this.arrived.isEmpty && this.change.isEmpty
  }

  add(change: Delta): void {
    if (change.length > 0) this.arrived.add(change)
  }

  /** Takes in an edit of the user; answers it as it applies after all of this, which wins every tie. */
  overtake(edit: Delta): Delta {
    return this.isEmpty ? edit : this.whole().cross(edit, false)
  }

  /** A selection in what the user sees, as it will be. */
  place(selection: Selection | null): Selection | null {
    if (!selection || this.isEmpty) return selection
    const index = this.whole().place(selection.index, true)
    const end = this.whole().place(selection.index + selection.length, true)
    return { index, length: end - index }
  }

  next(): Delta {
    return this.whole().takeFirst(this.portion)
  }

  /** The editor took so many ms for the last portion. */
  took(milliseconds: number): void {
    const times = Math.min(2, Math.max(0.5, WANTED / Math.max(1, milliseconds)))
    this.portion = Math.min(MOST, Math.ceil(this.portion * times))
  }

  clear(): void {
    this.change = new LongChange([])
    this.arrived = new Series()
  }

  private whole(): LongChange {
    if (!this.arrived.isEmpty) this.change.compose(this.arrived.value())
    this.arrived = new Series()
    return this.change
  }
}
