import { composeAttributes } from './attributes'
import { DeltaBuilder } from './builder'
import { type Delta, isDelete, isInsert, isRetain, type Op } from './op'
import { DeltaReader } from './reader'

/**
 * One Delta with the effect of `a` and then `b`. Associative, op for op:
 * compose(compose(a, b), c) equals compose(a, compose(b, c)).
 */
export function compose(a: Delta, b: Delta): Delta {
  const first = new DeltaReader(a)
  const second = new DeltaReader(b)
  const result = new DeltaBuilder()
  while (!second.done) {
    if (isInsert(second.op)) {
      result.push(second.take())
    } else if (isDelete(first.op)) {
      result.push(first.take())
    } else {
      const length = Math.min(first.left, second.left)
      composePiece(result, first.take(length), second.take(length))
    }
  }
  for (const op of first.rest()) result.push(op)
  return result.build()
}

function composePiece(result: DeltaBuilder, before: Op, after: Op): void {
  if (isDelete(after)) {
    // Text that `a` inserted and `b` deletes was never there.
    if (isRetain(before)) result.push(after)
    return
  }
  if (!isRetain(after)) return
  const attributes = composeAttributes(
    isDelete(before) ? undefined : before.attributes,
    after.attributes,
    isRetain(before),
  )
  if (isRetain(before)) result.retain(before.retain, attributes)
  else if (isInsert(before)) result.insert(before.insert, attributes)
}

/** One Delta with the effect of all changes in turn; halves the list so that long runs stay cheap. */
export function composeAll(changes: readonly Delta[]): Delta {
  if (changes.length < 2) return changes[0] ?? []
  const middle = changes.length >> 1
  return compose(composeAll(changes.slice(0, middle)), composeAll(changes.slice(middle)))
}
