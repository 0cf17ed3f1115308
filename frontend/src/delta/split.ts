import { DeltaBuilder } from './builder'
import { type Delta, isDelete, isInsert, isRetain, lengthOfOp, type Op } from './op'

/** Room that an op takes in JSON besides its text, roughly. */
const OP_COST = 40

const costOf = (op: Op) =>
  OP_COST +
  (isInsert(op) && typeof op.insert === 'string' ? op.insert.length : 0) +
  (isDelete(op) || !op.attributes ? 0 : JSON.stringify(op.attributes).length)

/**
 * Cuts a change into two that follow each other: compose(first, rest) equals
 * change. The first part holds about `budget` UTF-16 units of JSON and always
 * something; rest is empty when all fits.
 */
export function split(change: Delta, budget: number): { first: Delta; rest: Delta } {
  if (change.reduce((sum, op) => sum + costOf(op), 0) <= budget) return { first: change, rest: [] }
  const first = new DeltaBuilder()
  const rest = new DeltaBuilder()
  let left = budget
  let covered = 0
  let full = false
  for (const op of change) {
    const [now, later] = full ? [undefined, op] : cutOp(op, left, left === budget)
    if (now) {
      first.push(now)
      left -= costOf(now)
      if (!isDelete(now)) covered += lengthOfOp(now)
    }
    if (later) {
      if (!full) rest.retain(covered)
      full = true
      rest.push(later)
    }
  }
  return { first: first.build(), rest: rest.build() }
}

/** What of op still fits, and what does not. `must` makes at least some fit. */
function cutOp(op: Op, room: number, must: boolean): [Op | undefined, Op | undefined] {
  const cost = costOf(op)
  if (cost <= room) return [op, undefined]
  const text = isInsert(op) && typeof op.insert === 'string' ? op.insert : ''
  let at = Math.max(must ? 1 : 0, room - (cost - text.length))
  if (isHighSurrogate(text.charCodeAt(at - 1))) at++
  if (text.length > at && at > 0) {
    return [
      { ...op, insert: text.slice(0, at) },
      { ...op, insert: text.slice(at) },
    ]
  }
  // A bare retain costs nothing worth cutting for.
  return must || isRetain(op) ? [op, undefined] : [undefined, op]
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xdc00
