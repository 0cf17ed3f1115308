import { DeltaBuilder } from './builder'
import { compose } from './compose'
import { type Delta, isDelete, isInsert, isRetain, lengthOfOp } from './op'
import { transform, transformPosition } from './transform'

/** Part of a long change: what it does to `base` units of the text before, which become `result` units. */
interface Piece {
  readonly change: Delta
  readonly base: number
  readonly result: number
}

/** A piece with more ops than this is cut. */
const MOST_OPS = 32

/**
 * A change of many edits that takes another small edit, or moves over one, in time that hardly grows with its length: only
 * the piece that the edit touches is computed anew.
 *
 * Pieces are cut inside of text that stays as it is. So no insert or delete of one touches the next, no tie is decided
 * between two of them, and value() is op for op what compose and transform make of the whole.
 */
export class LongChange {
  private pieces: Piece[]
  private whole: Delta | null = null

  constructor(change: Delta) {
    this.pieces = cut({
      change,
      base: Number.POSITIVE_INFINITY,
      result: Number.POSITIVE_INFINITY,
    })
  }

  get isEmpty(): boolean {
    return this.pieces.every(({ change }) => change.length === 0)
  }

  /** The change as one Delta. */
  value(): Delta {
    this.whole ??= join(this.pieces).change
    return this.whole
  }

  /** Adds a change that follows. */
  compose(change: Delta): void {
    if (change.length === 0) return
    const { first, last, start } = this.touched('result', change)
    const piece = join(this.pieces.slice(first, last + 1))
    const next = shift(change, -start.result)
    const result = piece.result + growthOf(next)
    this.replace(first, last, { change: compose(piece.change, next), base: piece.base, result })
  }

  /** Moves over a concurrent change, which wins every tie or none; answers that change as it applies after this one. */
  cross(change: Delta, wins = true): Delta {
    if (change.length === 0) return change
    const { first, last, start } = this.touched('base', change)
    const piece = join(this.pieces.slice(first, last + 1))
    const incoming = shift(change, -start.base)
    const moved = transform(piece.change, incoming, !wins)
    this.replace(first, last, {
      change: transform(incoming, piece.change, wins),
      base: piece.base + growthOf(incoming),
      result: piece.result + growthOf(moved),
    })
    return shift(moved, start.result)
  }

  /** Where a position lies after it, as transformPosition has it. */
  place(position: number, stay: boolean): number {
    const start = { base: 0, result: 0 }
    let number = 0
    for (; start.base + piece(this.pieces, number).base < position; number++) {
      start.base += piece(this.pieces, number).base
      start.result += piece(this.pieces, number).result
    }
    const { change } = piece(this.pieces, number)
    return start.result + transformPosition(change, position - start.base, stay)
  }

  /** Takes off what it does first in the text, of about so many ops; what is left follows that. */
  takeFirst(ops: number): Delta {
    let count = 0
    let size = 0
    while (count < this.pieces.length && size < ops)
      size += piece(this.pieces, count++).change.length
    const taken = join(this.pieces.slice(0, count))
    this.replace(0, count - 1, { change: [], base: taken.result, result: taken.result })
    return taken.change
  }

  /** The pieces that a change touches, also those that it only meets at their ends, and where the first of them starts. */
  private touched(side: 'base' | 'result', change: Delta) {
    const [from, to] = reach(change)
    const start = { base: 0, result: 0 }
    let first = 0
    for (; start[side] + piece(this.pieces, first)[side] < from; first++) {
      start.base += piece(this.pieces, first).base
      start.result += piece(this.pieces, first).result
    }
    let last = first
    let until = start[side] + piece(this.pieces, last)[side]
    while (until <= to) until += piece(this.pieces, ++last)[side]
    return { first, last, start }
  }

  private replace(first: number, last: number, next: Piece): void {
    this.pieces.splice(first, last - first + 1, ...cut(next))
    this.whole = null
  }
}

const piece = (pieces: readonly Piece[], index: number): Piece => pieces[index] as Piece

/** The first and the last position of the text before that a change does something at. */
function reach(change: Delta): [number, number] {
  const [head] = change
  const start = isRetain(head) && !head.attributes ? head.retain : 0
  let end = 0
  for (const op of change) if (!isInsert(op)) end += lengthOfOp(op)
  return [start, end]
}

function growthOf(change: Delta): number {
  let growth = 0
  for (const op of change) {
    if (isInsert(op)) growth += lengthOfOp(op)
    else if (isDelete(op)) growth -= op.delete
  }
  return growth
}

/** The change as it is where the text begins so much later, or earlier. */
function shift(change: Delta, by: number): Delta {
  const [head, ...rest] = change
  if (by === 0 || head === undefined) return change
  if (!isRetain(head) || head.attributes) return [{ retain: by }, ...change]
  const retain = head.retain + by
  return retain > 0 ? [{ retain }, ...rest] : rest
}

function join(pieces: readonly Piece[]): Piece {
  const [only] = pieces
  if (pieces.length === 1 && only) return only
  const change = new DeltaBuilder()
  let base = 0
  let result = 0
  for (const part of pieces) {
    let covered = 0
    for (const op of part.change) {
      change.push(op)
      if (!isInsert(op)) covered += lengthOfOp(op)
    }
    if (Number.isFinite(part.base)) change.retain(part.base - covered)
    base += part.base
    result += part.result
  }
  return { change: change.build(), base, result }
}

/** Cuts a piece that has become too long, inside of text that stays; there may be none. */
function cut(whole: Piece): Piece[] {
  const { change } = whole
  if (change.length <= MOST_OPS) return [whole]
  const at = nearestRetain(change)
  const op = change[at]
  if (!isRetain(op)) return [whole]
  const half = op.retain >> 1
  let base = half
  let result = half
  for (const before of change.slice(0, at)) {
    if (!isInsert(before)) base += lengthOfOp(before)
    if (!isDelete(before)) result += lengthOfOp(before)
  }
  const left = { change: change.slice(0, at), base, result }
  const rest = [{ retain: op.retain - half }, ...change.slice(at + 1)]
  const right = { change: rest, base: whole.base - base, result: whole.result - result }
  return [...cut(left), ...cut(right)]
}

/** The op nearest to the middle that leaves at least two units of text as they are; -1 if there is none. */
function nearestRetain(change: Delta): number {
  const middle = change.length >> 1
  for (let away = 0; away <= middle; away++) {
    for (const at of [middle - away, middle + away]) {
      const op = change[at]
      // The first and the last op would leave one side empty.
      if (isRetain(op) && !op.attributes && op.retain > 1 && at > 0 && at < change.length - 1)
        return at
    }
  }
  return -1
}
