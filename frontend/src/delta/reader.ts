import { type Delta, isDelete, isRetain, lengthOfOp, type Op } from './op'

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

/** Made without spreading where there are no attributes: most of the time of long changes goes by here. */
function pieceOf(op: Op, from: number, size: number): Op {
  if (isDelete(op)) return { delete: size }
  const { attributes } = op
  if (isRetain(op)) return attributes ? { retain: size, attributes } : { retain: size }
  if (typeof op.insert !== 'string') return op
  const insert = op.insert.slice(from, from + size)
  return attributes ? { insert, attributes } : { insert }
}
