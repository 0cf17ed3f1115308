import { type Delta, DeltaBuilder, equalJson, type Insert, isInsert, lengthOf } from '../../delta'
import { sharedLines } from './shared-lines'

/** How far two pieces of content agree, from their beginning or, with `back`, from their end. */
function agreement(a: Delta, b: Delta, limit: number, back: boolean): number {
  const one = new Walk(a, back)
  const other = new Walk(b, back)
  let length = 0
  while (length < limit) {
    const x = one.current()
    const y = other.current()
    if (!x || !y || !equalJson(x.op.attributes ?? {}, y.op.attributes ?? {})) break
    const n = common(x, y, Math.min(limit - length, x.left, y.left), back)
    if (n === 0) break
    length += n
    one.take(n)
    other.take(n)
  }
  return length
}

interface Rest {
  readonly op: Insert
  /** Units of the op that are still ahead. */
  readonly left: number
}

function common(x: Rest, y: Rest, most: number, back: boolean): number {
  const a = x.op.insert
  const b = y.op.insert
  if (typeof a !== 'string' || typeof b !== 'string') {
    return typeof a !== 'string' && typeof b !== 'string' && equalJson(a, b) ? 1 : 0
  }
  const from = back ? x.left - 1 : a.length - x.left
  const start = back ? y.left - 1 : b.length - y.left
  const step = back ? -1 : 1
  let n = 0
  while (n < most && a.charCodeAt(from + step * n) === b.charCodeAt(start + step * n)) n++
  return n
}

class Walk {
  private index: number
  private passed = 0

  constructor(
    private readonly content: Delta,
    private readonly back: boolean,
  ) {
    this.index = back ? content.length - 1 : 0
  }

  current(): Rest | undefined {
    const op = this.content[this.index]
    return isInsert(op) ? { op, left: lengthOf([op]) - this.passed } : undefined
  }

  take(n: number): void {
    this.passed += n
    if (this.current()?.left !== 0) return
    this.passed = 0
    this.index += this.back ? -1 : 1
  }
}

/** The part of some content between two places. */
function slice(content: Delta, from: number, to: number): Delta {
  const part = new DeltaBuilder()
  let at = 0
  for (const op of content) {
    if (!isInsert(op)) continue
    const length = lengthOf([op])
    const start = Math.max(from - at, 0)
    const end = Math.min(to - at, length)
    if (end > start) {
      part.push({
        ...op,
        insert: typeof op.insert === 'string' ? op.insert.slice(start, end) : op.insert,
      })
    }
    at += length
  }
  return part.build()
}

/** Makes one content into another by replacing what lies between their common beginning and end. */
function replace(change: DeltaBuilder, before: Delta, after: Delta): void {
  const { start, had, has, end } = commonEnds(before, after)
  change.retain(start)
  for (const op of slice(after, start, has - end)) change.push(op)
  change.delete(had - start - end).retain(end)
}

function commonEnds(before: Delta, after: Delta) {
  const [had, has] = [lengthOf(before), lengthOf(after)]
  const start = agreement(before, after, Math.min(had, has), false)
  const end = agreement(before, after, Math.min(had, has) - start, true)
  return { start, had, has, end }
}

/** Content line by line. */
function linesOf(content: Delta): Delta[] {
  const lines: Delta[] = []
  let line = new DeltaBuilder()
  for (const op of content) {
    if (!isInsert(op)) continue
    const pieces = typeof op.insert === 'string' ? op.insert.split(/(?<=\n)/) : [op.insert]
    for (const insert of pieces) {
      line.push({ ...op, insert })
      if (typeof insert !== 'string' || !insert.endsWith('\n')) continue
      lines.push(line.build())
      line = new DeltaBuilder()
    }
  }
  const rest = line.build()
  return rest.length > 0 ? [...lines, rest] : lines
}

/** What only equal lines have in common. Plain text is its own key, which is the quickest. */
function keyOf(line: Delta): string {
  const [only] = line
  const plain = line.length === 1 && isInsert(only) && !only.attributes
  return plain && typeof only.insert === 'string' ? only.insert : `\0${JSON.stringify(line)}`
}

/**
 * A change that makes one content into another, line by line where they differ: cheap to find, and for an editor cheap to
 * do where the two are moments of one document.
 */
export function changeBetween(before: Delta, after: Delta): Delta {
  const { start, had, has, end } = commonEnds(before, after)
  const old = linesOf(slice(before, start, had - end))
  const fresh = linesOf(slice(after, start, has - end))
  const change = new DeltaBuilder().retain(start)
  let [a, b] = [0, 0]
  for (const [nextA, nextB] of sharedLines(old.map(keyOf), fresh.map(keyOf))) {
    replace(change, old.slice(a, nextA).flat(), fresh.slice(b, nextB).flat())
    change.retain(lengthOf(old[nextA] ?? []))
    ;[a, b] = [nextA + 1, nextB + 1]
  }
  replace(change, old.slice(a).flat(), fresh.slice(b).flat())
  return change.build()
}
