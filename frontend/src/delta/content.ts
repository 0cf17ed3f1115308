import { compose, composeAll } from './compose'
import type { Delta } from './op'

const FOLD_AFTER = 256

/**
 * A document's content that takes changes cheaply: they are gathered and
 * folded in when someone asks, or when there are many. Applying one keystroke
 * to a large rich document costs time proportional to the document.
 */
export class Content {
  private changes: Delta[] = []

  constructor(private folded: Delta) {}

  apply(change: Delta): void {
    this.changes.push(change)
    if (this.changes.length >= FOLD_AFTER) this.value()
  }

  value(): Delta {
    if (this.changes.length > 0) {
      this.folded = compose(this.folded, composeAll(this.changes))
      this.changes = []
    }
    return this.folded
  }
}
