import type { Node } from 'prosemirror-model'

/** A line and where it starts, both as a Delta index and as an editor position (of the line's node). */
export interface LinePlace {
  readonly number: number
  readonly index: number
  readonly position: number
}

/**
 * The two ways of counting: a line of n units takes n + 1 in a Delta (its
 * newline) and n + 2 in the editor (its two boundaries), so an editor position
 * inside line k (counted from 0) is index + k + 1.
 */
export function lineAtIndex(doc: Node, index: number, from: LinePlace = FIRST): LinePlace {
  let { number, index: start } = from
  const last = doc.childCount - 1
  while (number < last) {
    const next = start + doc.child(number).content.size + 1
    if (next > index) break
    start = next
    number++
  }
  return { number, index: start, position: start + number }
}

export const FIRST: LinePlace = { number: 0, index: 0, position: 0 }

/** The line that holds a position; a boundary between lines belongs to the later one. */
export function lineAtPosition(doc: Node, position: number): LinePlace {
  let number = 0
  let start = 0
  const last = doc.childCount - 1
  while (number < last) {
    const next = start + doc.child(number).nodeSize
    if (next > position) break
    start = next
    number++
  }
  return { number, index: start - number, position: start }
}

/** Length of the whole document as a Delta. */
export const lengthOfDoc = (doc: Node): number => doc.content.size - doc.childCount

/** The editor position of a Delta index, the nearest possible one if it is past the end. */
export const positionOf = (doc: Node, index: number): number => new Finder(doc).positionOf(index)

/** The Delta index of an editor position; a boundary counts as the start of the line after it. */
export function indexOf(doc: Node, position: number): number {
  if (position >= doc.content.size) return lengthOfDoc(doc)
  const line = lineAtPosition(doc, position)
  return line.index + Math.max(0, position - line.position - 1)
}

/** Finds the positions of indexes that come in order, without counting the lines anew for each. */
export class Finder {
  /** The line of what was found last. */
  line = FIRST

  constructor(private readonly doc: Node) {}

  positionOf(index: number): number {
    const { doc, line } = this
    this.line = lineAtIndex(doc, index, index >= line.index ? line : FIRST)
    const { number, position, index: start } = this.line
    return position + 1 + Math.min(index - start, doc.child(number).content.size)
  }
}
