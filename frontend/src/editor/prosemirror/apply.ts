import type { Node } from 'prosemirror-model'
import { TextSelection, type Transaction } from 'prosemirror-state'
import {
  type Attributes,
  composeAttributes,
  type Delta,
  equalJson,
  type Insert,
  isDelete,
  isInsert,
  isRetain,
  type Json,
  transformPosition,
} from '../../delta'
import { embedNode, lineNode, linesOf, present } from './content'
import { FIRST, indexOf, type LinePlace, lengthOfDoc, lineAtIndex, positionOf } from './positions'
import { formatOf, keyOf, knownMark, markFor, marksOf, schema } from './schema'

/**
 * Performs a Delta on the editor's document, as steps that leave the user's
 * selection and undo history in place wherever the text around them stays.
 */
export function applyDelta(transaction: Transaction, delta: Delta): Transaction {
  const { doc, selection } = transaction
  new Applier(transaction).run(delta)
  if (selection instanceof TextSelection) {
    const moved = (position: number) =>
      positionOf(transaction.doc, transformPosition(delta, indexOf(doc, position), true))
    keepSelection(transaction, moved(selection.anchor), moved(selection.head))
  }
  return transaction
}

/**
 * Puts the selection where the protocol has it: what somebody else writes exactly at the caret goes behind it, where the
 * editor by itself would push the caret along.
 */
function keepSelection(transaction: Transaction, anchor: number, head: number): void {
  const { selection } = transaction
  if (selection.anchor === anchor && selection.head === head) return
  transaction.setSelection(TextSelection.create(transaction.doc, anchor, head))
}

class Applier {
  private index = 0
  private line: LinePlace = FIRST

  constructor(private readonly tr: Transaction) {}

  run(delta: Delta): void {
    for (let n = 0; n < delta.length; n++) {
      const op = delta[n]
      if (isInsert(op)) {
        if (this.index >= lengthOfDoc(this.tr.doc)) {
          this.append(delta.slice(n))
          return
        }
        this.insert(op)
      } else if (isDelete(op)) {
        this.remove(op.delete)
      } else if (isRetain(op)) {
        if (op.attributes) this.format(op.retain, op.attributes)
        else this.index += op.retain
      }
    }
  }

  /** The position of the present index. The line only moves forward. */
  private seek(): number {
    this.line = lineAtIndex(this.tr.doc, this.index, this.line)
    return this.index + this.line.number + 1
  }

  private get node(): Node {
    return this.tr.doc.child(this.line.number)
  }

  private insert(op: Insert): void {
    if (typeof op.insert !== 'string') {
      this.tr.insert(this.seek(), embedNode(op.insert, op.attributes))
      this.index++
      return
    }
    const marks = marksOf(op.attributes)
    op.insert.split('\n').forEach((text, n) => {
      if (n > 0) this.breakLine(present(op.attributes))
      if (!text) return
      this.tr.insert(this.seek(), schema.text(text, marks))
      this.index += text.length
    })
  }

  /** A newline ends the part before it, which takes its attributes; the part after keeps the old ones. */
  private breakLine(format: Attributes): void {
    const position = this.seek()
    const start = this.line.position
    const before = formatOf(this.node)
    this.tr.split(position)
    if (!equalJson(before, format)) this.tr.setNodeAttribute(start, 'format', format)
    this.index++
  }

  private remove(length: number): void {
    const end = Math.min(this.index + length, lengthOfDoc(this.tr.doc) - 1)
    if (end <= this.index) return
    const from = this.seek()
    const start = this.line.position
    const before = formatOf(this.node)
    const last = lineAtIndex(this.tr.doc, end, this.line)
    const after = formatOf(this.tr.doc.child(last.number))
    this.tr.delete(from, end + last.number + 1)
    // The newline that is left is the last line's.
    if (!equalJson(before, after)) this.tr.setNodeAttribute(start, 'format', after)
  }

  private format(length: number, attributes: Attributes): void {
    const end = Math.min(this.index + length, lengthOfDoc(this.tr.doc))
    while (this.index < end) {
      const from = this.seek()
      const textEnd = this.line.index + this.node.content.size
      if (this.index < textEnd) {
        const size = Math.min(end, textEnd) - this.index
        for (const key of Object.keys(attributes)) {
          this.mark(from, from + size, key, attributes[key] as Json)
        }
        this.index += size
      } else {
        const format = present(composeAttributes(formatOf(this.node), attributes, false))
        this.tr.setNodeAttribute(this.line.position, 'format', format)
        this.index++
      }
    }
  }

  private mark(from: number, to: number, key: string, value: Json): void {
    const type = knownMark(key)
    if (type && value === null) this.tr.removeMark(from, to, type)
    else {
      if (!type) this.removeOther(from, to, key)
      if (value !== null) this.tr.addMark(from, to, markFor(key, value))
    }
  }

  private removeOther(from: number, to: number, key: string): void {
    const found: { from: number; to: number; mark: Node['marks'][number] }[] = []
    this.tr.doc.nodesBetween(from, to, (node, position) => {
      if (!node.isInline) return
      const mark = node.marks.find((m) => m.type === schema.marks.other && keyOf(m) === key)
      const start = Math.max(from, position)
      if (mark) found.push({ from: start, to: Math.min(to, position + node.nodeSize), mark })
    })
    for (const { from: start, to: stop, mark } of found) this.tr.removeMark(start, stop, mark)
  }

  /** Lines after the final newline, which is no position inside the document. */
  private append(inserts: Delta): void {
    const { lines, rest } = linesOf(inserts)
    const added = rest.length > 0 ? [...lines, lineNode({}, rest)] : lines
    this.tr.insert(this.tr.doc.content.size, [...added])
  }
}
