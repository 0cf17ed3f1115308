import { Fragment, type Node } from 'prosemirror-model'
import { Step, StepMap, StepResult } from 'prosemirror-transform'
import {
  compose,
  type Delta,
  DeltaBuilder,
  DeltaReader,
  isDelete,
  isInsert,
  isRetain,
  lengthOfOp,
  type Op,
} from '../../delta'
import { endedLines, insertInline, insertNewline, lineNode } from './content'
import { lineAtIndex } from './positions'

/**
 * A whole Delta as one step of the editor. However many places it changes, the document is made anew once, with the lines
 * that it does not touch as they are; positions move through each of its parts.
 */
export class DeltaStep extends Step {
  private constructor(
    private readonly before: Node,
    private readonly after: Node,
    private readonly moves: StepMap,
  ) {
    super()
  }

  static of(doc: Node, delta: Delta): DeltaStep {
    const after = doc.copy(Fragment.fromArray(linesAfter(doc, delta)))
    return new DeltaStep(doc, after, new StepMap(rangesOf(doc, after, delta)))
  }

  override apply(doc: Node): StepResult {
    return doc === this.before ? StepResult.ok(this.after) : StepResult.fail('Another document')
  }

  override getMap(): StepMap {
    return this.moves
  }

  override invert(): DeltaStep {
    return new DeltaStep(this.after, this.before, this.moves.invert())
  }

  /** It fits one document only: what is to be moved is the Delta. */
  override map(): null {
    return null
  }

  override toJSON(): never {
    throw new Error('A Delta has a form of its own')
  }
}

function linesAfter(doc: Node, delta: Delta): Node[] {
  const reader = new DeltaReader(delta)
  const all: Node[] = []
  for (let number = 0; number < doc.childCount; ) {
    const line = doc.child(number)
    if (passes(reader, line.content.size + 1)) {
      all.push(line)
      number++
      continue
    }
    const content = new DeltaBuilder()
    const change = new DeltaBuilder()
    let joined = true
    while (joined && number < doc.childCount) {
      const next = doc.child(number++)
      for (const node of next.children) insertInline(content, node)
      insertNewline(content, next)
      joined = readLine(reader, next.content.size + 1, change)
    }
    if (joined) for (const op of takeInserts(reader)) change.push(op)
    all.push(...endedLines(compose(content.build(), change.build())))
  }
  // What is written behind the last newline.
  all.push(...endedLines(takeInserts(reader)))
  return all.length > 0 ? all : [lineNode({}, [])]
}

function takeInserts(reader: DeltaReader): Delta {
  const inserts: Op[] = []
  while (!reader.done) {
    const op = reader.take()
    if (isInsert(op)) inserts.push(op)
  }
  return inserts
}

/** Passes over a line that stays as it is. */
function passes(reader: DeltaReader, length: number): boolean {
  if (reader.done) return true
  const { op } = reader
  if (!isRetain(op) || op.attributes || reader.left < length) return false
  reader.take(length)
  return true
}

/** Reads what is done to one line; answers whether the next one joins it, since its newline is deleted. */
function readLine(reader: DeltaReader, length: number, change: DeltaBuilder): boolean {
  let deleted = false
  for (let left = length; left > 0 && !reader.done; ) {
    if (isInsert(reader.op)) change.push(reader.take())
    else {
      const op = reader.take(left)
      deleted = isDelete(op)
      left -= lengthOfOp(op)
      change.push(op)
    }
  }
  return deleted
}

/** What becomes of positions: start, length before and length after of each part that changes its length. */
function rangesOf(doc: Node, after: Node, delta: Delta): number[] {
  const ranges: number[] = []
  const end = doc.content.size
  let grown = 0
  let index = 0
  let line = lineAtIndex(doc, 0)
  const position = () => {
    line = lineAtIndex(doc, index, line)
    return Math.min(index + line.number + 1, end)
  }
  for (const [n, op] of delta.entries()) {
    const start = position()
    if (isInsert(op)) {
      const size = sizeOf(op.insert)
      // What is put in at one place, in however many pieces, pushes positions along as one.
      if (isInsert(delta[n - 1])) ranges.push((ranges.pop() ?? 0) + size)
      else ranges.push(start, 0, size)
      grown += size
      continue
    }
    index += lengthOfOp(op)
    if (!isDelete(op)) continue
    const size = position() - start
    ranges.push(start, size, 0)
    grown -= size
  }
  const [first = end] = ranges
  if (grown === after.content.size - end) return ranges
  // The end of the document has changed, which is no position inside of it.
  return [first, end - first, after.content.size - first]
}

/** How many positions something takes in the editor, where a newline is the end of a line and the beginning of one. */
function sizeOf(insert: string | object): number {
  return typeof insert === 'string' ? insert.length + insert.split('\n').length - 1 : 1
}
