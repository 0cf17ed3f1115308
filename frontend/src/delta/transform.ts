import { transformAttributes } from './attributes'
import { DeltaBuilder } from './builder'
import { type Delta, isDelete, isInsert, isRetain, lengthOfOp, type Op } from './op'
import { DeltaReader } from './reader'

/**
 * Returns `b` changed so that it applies after `a`. For every a and b made
 * against the same document:
 *
 *     compose(a, transform(a, b, true)) equals compose(b, transform(b, a, false))
 *
 * aFirst puts a's insertion to the left when both insert at one place, and
 * lets a's value of an attribute stand when both set it.
 */
export function transform(a: Delta, b: Delta, aFirst: boolean): Delta {
  const over = new DeltaReader(a)
  const moved = new DeltaReader(b)
  const result = new DeltaBuilder()
  while (!moved.done) {
    if (isInsert(over.op) && (aFirst || !isInsert(moved.op))) {
      result.retain(lengthOfOp(over.take()))
    } else if (isInsert(moved.op)) {
      result.push(moved.take())
    } else {
      const length = Math.min(over.left, moved.left)
      transformPiece(result, over.take(length), moved.take(length), aFirst)
    }
  }
  return result.build()
}

function transformPiece(result: DeltaBuilder, over: Op, moved: Op, aFirst: boolean): void {
  if (isDelete(over)) return
  if (isDelete(moved)) result.push(moved)
  else if (isRetain(moved) && isRetain(over)) {
    result.retain(moved.retain, transformAttributes(over.attributes, moved.attributes, aFirst))
  }
}

/** Both sides of a pair of concurrent changes. */
export interface Crossed {
  /** The committed change as it applies after the local one. */
  readonly committed: Delta
  /** The local change as it applies after the committed one. */
  readonly local: Delta
}

/** Moves two concurrent changes over each other. What is committed wins every tie. */
export function cross(committed: Delta, local: Delta): Crossed {
  return {
    committed: transform(local, committed, false),
    local: transform(committed, local, true),
  }
}

/**
 * Where a position lies after `change`, in UTF-16 code units. An insertion
 * exactly there pushes it to the right, unless `stay`.
 */
export function transformPosition(change: Delta, position: number, stay: boolean): number {
  let offset = 0
  let result = position
  for (const op of change) {
    if (offset > result) break
    const length = lengthOfOp(op)
    if (isDelete(op)) {
      result -= Math.min(length, result - offset)
      continue
    }
    if (isInsert(op) && (offset < result || !stay)) result += length
    offset += length
  }
  return result
}

/**
 * Where a position in the text after `change` lay before it: the inverse of
 * transformPosition, as far as there is one. A position inside inserted text
 * answers the place of the insertion.
 */
export function untransformPosition(change: Delta, position: number): number {
  let before = 0
  let left = position
  for (const op of change) {
    const length = lengthOfOp(op)
    if (isDelete(op)) {
      if (left > 0) before += length
      continue
    }
    const step = Math.min(left, length)
    left -= step
    if (isRetain(op)) before += step
    if (left === 0 && step < length) return before
  }
  return before + left
}
