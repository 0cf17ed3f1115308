import { compose } from './compose'
import type { Delta } from './op'

/**
 * Changes that follow one another, composed as they come. Each waits until as many have come after it, so that thousands
 * cost little more than a few long ones would, and none of them much.
 */
export class Series {
  private parts: { readonly change: Delta; readonly count: number }[] = []

  get isEmpty(): boolean {
    return this.parts.length === 0
  }

  add(change: Delta): void {
    let part = { change, count: 1 }
    for (let before = this.parts.at(-1); before && before.count <= part.count; ) {
      this.parts.pop()
      part = { change: compose(before.change, part.change), count: before.count + part.count }
      before = this.parts.at(-1)
    }
    this.parts.push(part)
  }

  /** All of them as one change. */
  value(): Delta {
    return this.parts.reduceRight<Delta>((later, { change }) => compose(change, later), [])
  }
}
