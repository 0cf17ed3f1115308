import { type Delta, LongChange, transformPosition } from '../delta'
import type { Selection } from './presence'

/** Ops of the first portion; later ones depend on how long the editor takes. */
const FIRST_PORTION = 500
const MOST = 50_000
/** How long the editor may take for a portion, in ms: more is a hitch to somebody who types. */
const QUICK = 12
const SLOW = 24

/**
 * What the document has taken in and the editor does not show yet. After a long absence that is much, and it is handed over
 * in portions. What the user does meanwhile is made in the text without it.
 */
export class Undelivered {
  private change = new LongChange([])
  private portion = FIRST_PORTION

  get isEmpty(): boolean {
    return this.change.isEmpty
  }

  add(change: Delta): void {
    this.change.compose(change)
  }

  /** Takes in an edit of the user; answers it as it applies after all of this, which wins every tie. */
  overtake(edit: Delta): Delta {
    return this.isEmpty ? edit : this.change.cross(edit, false)
  }

  /** A selection in what the user sees, as it will be. */
  place(selection: Selection | null): Selection | null {
    if (!selection || this.isEmpty) return selection
    const change = this.change.value()
    const index = transformPosition(change, selection.index, true)
    const end = transformPosition(change, selection.index + selection.length, true)
    return { index, length: end - index }
  }

  next(): Delta {
    return this.change.takeFirst(this.portion)
  }

  /** The editor took so many ms for the last portion. */
  took(milliseconds: number): void {
    if (milliseconds < QUICK) this.portion = Math.min(MOST, this.portion * 2)
    else if (milliseconds > SLOW) this.portion = Math.max(1, this.portion >> 1)
  }

  clear(): void {
    this.change = new LongChange([])
  }
}
