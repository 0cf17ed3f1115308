import type { Node } from 'prosemirror-model'
import type { Transaction } from 'prosemirror-state'
import { AddMarkStep, AttrStep, RemoveMarkStep, type Step } from 'prosemirror-transform'
import {
  compose,
  composeAll,
  type Delta,
  DeltaBuilder,
  diffAttributes,
  equalJson,
  type Json,
  lengthOf,
  lengthOfOp,
  type Op,
} from '../../delta'
import { insertInline, insertNewline } from './content'
import { indexOf, lineAtPosition } from './positions'
import { attributesOf, formatOf } from './schema'

/** The Delta with the effect of what the user did. */
export function deltaOf(transaction: Transaction): Delta {
  const deltas = transaction.steps.map((step, n) => {
    const before = transaction.docs[n] as Node
    const after = transaction.docs[n + 1] ?? transaction.doc
    return stepDelta(step, before, after)
  })
  return composeAll(deltas)
}

function stepDelta(step: Step, before: Node, after: Node): Delta {
  if (step instanceof AddMarkStep || step instanceof RemoveMarkStep) {
    return markDelta(before, after, step.from, step.to)
  }
  if (step instanceof AttrStep) return formatDelta(before, after, step.pos)
  const change = extentOf(step)
  return change ? replaceDelta(before, after, change) : []
}

/** The replaced range before, and what stands there after, in editor positions. */
interface Extent {
  readonly from: number
  readonly to: number
  readonly newFrom: number
  readonly newTo: number
}

function extentOf(step: Step): Extent | undefined {
  const parts: Extent[] = []
  step.getMap().forEach((from, to, newFrom, newTo) => {
    parts.push({ from, to, newFrom, newTo })
  })
  const [first] = parts
  const last = parts.at(-1)
  if (!first || !last) return undefined
  return { from: first.from, to: last.to, newFrom: first.newFrom, newTo: last.newTo }
}

/**
 * Text before the range is kept; so is the rest of the line after it, whose
 * newline may have changed its attributes: joining two lines keeps the
 * attributes of the first, and a Delta keeps those of the last.
 */
function replaceDelta(before: Node, after: Node, extent: Extent): Delta {
  const old = rangeOf(before, extent.from, extent.to)
  const fresh = rangeOf(after, extent.newFrom, extent.newTo)
  if (old.toEnd || fresh.toEnd) return tailDelta(before, after, extent)
  const delta = new DeltaBuilder().retain(old.index)
  for (const op of fresh.content) delta.push(op)
  delta.delete(old.length)
  delta.retain(old.restOfLine)
  delta.retain(1, diffAttributes(formatOf(old.line), formatOf(fresh.line)))
  return delta.build()
}

/**
 * The range reaches the end of the document, so the final newline is in it.
 * It is never deleted: everything is replaced but it, and it takes the new
 * attributes. Starting at the line before makes sure that there is one.
 */
function tailDelta(before: Node, after: Node, extent: Extent): Delta {
  const start = Math.max(0, lineAtPosition(before, extent.from).position - 1)
  const from = start > 0 ? lineAtPosition(before, start).position : 0
  const end = before.content.size
  const index = indexOf(before, from)
  const old = contentBetween(before, from, end)
  const fresh = contentBetween(after, from, after.content.size)
  const same = commonStart(old, fresh)
  const delta = new DeltaBuilder().retain(index + same)
  for (const op of contentSlice(fresh, same, lengthOf(fresh) - 1)) delta.push(op)
  delta.delete(lengthOf(old) - same - 1)
  const last = before.lastChild as Node
  delta.retain(1, diffAttributes(formatOf(last), formatOf(after.lastChild as Node)))
  return delta.build()
}

interface Range {
  readonly index: number
  /** In UTF-16 units. */
  readonly length: number
  readonly content: Delta
  /** The range ends after the last newline. */
  readonly toEnd: boolean
  /** The line in which the range ends, and how much text of it follows. */
  readonly line: Node
  readonly restOfLine: number
}

function rangeOf(doc: Node, from: number, to: number): Range {
  const index = indexOf(doc, from)
  const place = lineAtPosition(doc, to)
  const line = doc.child(place.number)
  const end = indexOf(doc, to)
  return {
    index,
    length: end - index,
    content: contentBetween(doc, from, to),
    toEnd: to >= doc.content.size,
    line,
    restOfLine: place.index + line.content.size - end,
  }
}

/** What a Delta holds between two editor positions; a newline counts when the range leaves its line. */
function contentBetween(doc: Node, from: number, to: number): Delta {
  const delta = new DeltaBuilder()
  doc.nodesBetween(from, to, (node, position) => {
    if (node.type.name === 'line') {
      if (position + node.nodeSize <= to && position + node.nodeSize > from) {
        addText(delta, node, position, from, to)
        insertNewline(delta, node)
      } else {
        addText(delta, node, position, from, to)
      }
      return false
    }
    return true
  })
  return delta.build()
}

function addText(
  delta: DeltaBuilder,
  line: Node,
  position: number,
  from: number,
  to: number,
): void {
  const start = Math.max(0, from - position - 1)
  const end = Math.min(line.content.size, to - position - 1)
  if (end <= start) return
  for (const node of line.content.cut(start, end).content) insertInline(delta, node)
}

/** UTF-16 units at the start of both that are equal, the last unit of either left out. */
function commonStart(a: Delta, b: Delta): number {
  const most = Math.min(lengthOf(a), lengthOf(b)) - 1
  let same = 0
  for (let n = 0; n < Math.min(a.length, b.length); n++) {
    if (!equalOps(a[n] as Op, b[n] as Op)) break
    same += lengthOfOp(a[n] as Op)
  }
  return Math.min(same, most)
}

const equalOps = (a: Op, b: Op) => equalJson(a as unknown as Json, b as unknown as Json)

/** Part of some content. */
function contentSlice(content: Delta, from: number, to: number): Delta {
  const part = from > 0 ? compose(content, [{ delete: from }]) : content
  const length = lengthOf(part)
  return compose(
    part,
    new DeltaBuilder()
      .retain(to - from)
      .delete(length - (to - from))
      .build(),
  )
}

/** The same text with other marks. */
function markDelta(before: Node, after: Node, from: number, to: number): Delta {
  const delta = new DeltaBuilder()
  const pieces: { at: number; end: number; node: Node }[] = []
  after.nodesBetween(from, to, (node, position) => {
    if (!node.isInline) return
    pieces.push({ at: Math.max(from, position), end: Math.min(to, position + node.nodeSize), node })
  })
  let index = 0
  for (const { at, end, node } of pieces) {
    before.nodesBetween(at, end, (old, position) => {
      if (!old.isInline) return
      const start = Math.max(at, position)
      const stop = Math.min(end, position + old.nodeSize)
      if (stop <= start) return
      const here = indexOf(before, start)
      delta.retain(here - index)
      delta.retain(stop - start, diffAttributes(attributesOf(old.marks), attributesOf(node.marks)))
      index = here + stop - start
    })
  }
  return delta.build()
}

/** The same line with other attributes. */
function formatDelta(before: Node, after: Node, position: number): Delta {
  const old = before.nodeAt(position)
  const fresh = after.nodeAt(position)
  if (!old || !fresh || old.type.name !== 'line') return []
  const place = lineAtPosition(before, position)
  return new DeltaBuilder()
    .retain(place.index + old.content.size)
    .retain(1, diffAttributes(formatOf(old), formatOf(fresh)))
    .build()
}
