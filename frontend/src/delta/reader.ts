import { type Delta, isDelete, isInsert, isRetain, lengthOfOp, type Op } from './op'

/** Reads a Delta in pieces of any length. Past its end a Delta retains for ever. */
export class DeltaReader {
  private index = 0
  private offset = 0

  constructor(private readonly delta: Delta) {}

  get done(): boolean {
    return this.index >= this.delta.length
  }

  /** The op being read, possibly in part. */
  get op(): Op | undefined {
    return this.delta[this.index]
  }

  /** What is left of the present op, in UTF-16 code units. */
  get left(): number {
    return this.op ? lengthOfOp(this.op) - this.offset : Number.POSITIVE_INFINITY
  }

  take(length = Number.POSITIVE_INFINITY): Op {
    const op = this.op
    if (!op) return { retain: length }
    const from = this.offset
    const size = Math.min(length, this.left)
    if (size === this.left) {
      this.index++
      this.offset = 0
    } else {
      this.offset += size
    }
    return size === lengthOfOp(op) ? op : pieceOf(op, from, size)
  }

  /** Everything not read yet. */
  rest(): Delta {
    if (this.offset === 0) return this.delta.slice(this.index)
    const first = this.take()
    return [first, ...this.delta.slice(this.index)]
  }
}

function pieceOf(op: Op, from: number, size: number): Op {
  if (isDelete(op)) return { delete: size }
  if (isRetain(op)) return { ...op, retain: size }
  if (isInsert(op) && typeof op.insert === 'string') {
    return { ...op, insert: op.insert.slice(from, from + size) }
  }
  return op
}
