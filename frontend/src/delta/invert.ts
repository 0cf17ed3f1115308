import { invertAttributes } from './attributes'
import { DeltaBuilder } from './builder'
import { type Delta, isDelete, isInsert, isRetain, lengthOfOp } from './op'
import { DeltaReader } from './reader'

/** The Delta that undoes `change`, which was made against the document `base`. */
export function invert(change: Delta, base: Delta): Delta {
  const old = new DeltaReader(base)
  const result = new DeltaBuilder()
  for (const op of change) {
    if (isInsert(op)) {
      result.delete(lengthOfOp(op))
      continue
    }
    let left = lengthOfOp(op)
    if (isRetain(op) && !op.attributes) result.retain(left)
    while (left > 0 && !old.done) {
      const piece = old.take(left)
      left -= lengthOfOp(piece)
      if (isDelete(op)) result.push(piece)
      else if (op.attributes && isInsert(piece)) {
        result.retain(lengthOfOp(piece), invertAttributes(op.attributes, piece.attributes))
      }
    }
  }
  return result.build()
}
