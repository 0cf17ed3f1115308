import { toggleMark } from 'prosemirror-commands'
import type { Mark, Node } from 'prosemirror-model'
import type { Command, EditorState, Transaction } from 'prosemirror-state'
import type { Attributes, Json } from '../../delta'
import { indentOf, isCheck } from './line-dom'
import { formatOf, keyOf, markFor, schema } from './schema'

export type Inline = 'bold' | 'italic' | 'underline' | 'strike' | 'code'
export type Block =
  | 'paragraph'
  | 'header-1'
  | 'header-2'
  | 'header-3'
  | 'header-4'
  | 'header-5'
  | 'header-6'
  | 'ordered'
  | 'bullet'
  | 'check'
  | 'blockquote'
  | 'code-block'

/** A line is one of these things at a time. */
const EXCLUSIVE = ['header', 'list', 'blockquote', 'code-block']
const MOST_INDENT = 8

const FORMATS: Record<Block, Attributes> = {
  paragraph: {},
  'header-1': { header: 1 },
  'header-2': { header: 2 },
  'header-3': { header: 3 },
  'header-4': { header: 4 },
  'header-5': { header: 5 },
  'header-6': { header: 6 },
  ordered: { list: 'ordered' },
  bullet: { list: 'bullet' },
  check: { list: 'unchecked' },
  blockquote: { blockquote: true },
  'code-block': { 'code-block': true },
}

const FORMATS_OF_HEADERS: Readonly<Record<string, Block>> = {
  1: 'header-1',
  2: 'header-2',
  3: 'header-3',
  4: 'header-4',
  5: 'header-5',
  6: 'header-6',
}

/** What kind of line this is, as far as the toolbar tells kinds apart. */
export function blockOf(format: Attributes): Block | null {
  const { header, list } = format
  if (header !== undefined) return FORMATS_OF_HEADERS[String(header)] ?? null
  if (isCheck(list)) return 'check'
  if (list === 'ordered' || list === 'bullet') return list
  if (format.blockquote) return 'blockquote'
  return format['code-block'] ? 'code-block' : 'paragraph'
}

/** The format with its kind of line replaced. What has nothing to do with that stays. */
export function withBlock(format: Attributes, block: Block): Attributes {
  const kept = Object.entries(format).filter(([key]) => !EXCLUSIVE.includes(key))
  const isList = FORMATS[block].list !== undefined
  const rest = kept.filter(([key]) => isList || key !== 'indent')
  return { ...Object.fromEntries(rest), ...FORMATS[block] }
}

interface SelectedLine {
  readonly node: Node
  readonly position: number
}

export function selectedLines(state: EditorState): SelectedLine[] {
  const lines: SelectedLine[] = []
  const { from, to } = state.selection
  state.doc.nodesBetween(from, to, (node, position) => {
    if (node.type === schema.nodes.line) lines.push({ node, position })
    return false
  })
  return lines
}

function changeLines(state: EditorState, change: (format: Attributes) => Attributes): Transaction {
  const { tr } = state
  for (const { node, position } of selectedLines(state)) {
    tr.setNodeAttribute(position, 'format', change(formatOf(node)))
  }
  return tr
}

/** Makes the selected lines this kind of line, or plain again if all of them are. */
export const toggleBlock =
  (block: Block): Command =>
  (state, dispatch) => {
    const all = selectedLines(state).every(({ node }) => blockOf(formatOf(node)) === block)
    const next = all ? 'paragraph' : block
    dispatch?.(changeLines(state, (format) => withBlock(format, next)).scrollIntoView())
    return true
  }

export const toggleInline = (inline: Inline): Command =>
  toggleMark(schema.marks[inline], { value: true })

export type Align = 'center' | 'right' | 'justify'

/** Aligns the selected lines; null puts them back to where their direction starts. */
export const setAlign =
  (align: Align | null): Command =>
  (state, dispatch) => {
    const aligned = ({ align: _old, ...rest }: Attributes): Attributes =>
      align ? { ...rest, align } : rest
    dispatch?.(changeLines(state, aligned))
    return true
  }

/** Gives the selection, or what is typed next, an attribute that has no mark of its own; null takes it away. */
export const setOther =
  (key: string, value: string | null): Command =>
  (state, dispatch) => {
    const { from, to, empty, $from } = state.selection
    const isIt = (mark: Mark) => mark.type === schema.marks.other && keyOf(mark) === key
    const { tr } = state
    if (empty) {
      const kept = (state.storedMarks ?? $from.marks()).filter((mark) => !isIt(mark))
      tr.setStoredMarks(value === null ? kept : markFor(key, value).addToSet(kept))
    } else {
      const found: { from: number; to: number; mark: Mark }[] = []
      state.doc.nodesBetween(from, to, (node, position) => {
        const mark = node.marks.find(isIt)
        const end = position + node.nodeSize
        if (mark) found.push({ from: Math.max(from, position), to: Math.min(to, end), mark })
      })
      for (const { from: start, to: end, mark } of found) tr.removeMark(start, end, mark)
      if (value !== null) tr.addMark(from, to, markFor(key, value))
    }
    dispatch?.(tr)
    return true
  }

/** The value of such an attribute at the selection's start. */
export function otherAt(state: EditorState, key: string): Json {
  const { $from, from, empty } = state.selection
  const marks = empty
    ? (state.storedMarks ?? $from.marks())
    : (state.doc.nodeAt(from)?.marks ?? $from.marks())
  const mark = marks.find((m) => m.type === schema.marks.other && keyOf(m) === key)
  return (mark?.attrs.value as Json | undefined) ?? null
}

/** Moves list lines in or out one level; not for other lines, so that Tab stays free there. */
export const indentBy =
  (step: 1 | -1): Command =>
  (state, dispatch) => {
    const lines = selectedLines(state)
    if (!lines.some(({ node }) => formatOf(node).list)) return false
    const moved = (format: Attributes): Attributes => {
      const indent = Math.min(MOST_INDENT, Math.max(0, indentOf(format) + step))
      const { indent: _old, ...rest } = format
      return indent > 0 ? { ...rest, indent } : rest
    }
    dispatch?.(changeLines(state, moved))
    return true
  }

/** The same line ticked or not. */
export function toggleCheck(tr: Transaction, position: number): Transaction {
  const line = tr.doc.nodeAt(position)
  if (!line || !isCheck(formatOf(line).list)) return tr
  const list = formatOf(line).list === 'checked' ? 'unchecked' : 'checked'
  return tr.setNodeAttribute(position, 'format', { ...formatOf(line), list })
}

export const toggleSelectedCheck: Command = (state, dispatch) => {
  const lines = selectedLines(state).filter(({ node }) => isCheck(formatOf(node).list))
  if (lines.length === 0) return false
  const { tr } = state
  for (const { position } of lines) toggleCheck(tr, position)
  dispatch?.(tr)
  return true
}

/** The address under the caret or the selection's start. */
export function linkAt(state: EditorState): string | null {
  const { $from, from, to, empty } = state.selection
  const marks = empty ? $from.marks() : (state.doc.nodeAt(from)?.marks ?? [])
  const mark = schema.marks.link.isInSet(marks)
  const value: Json = mark?.attrs.value ?? null
  return to >= from && typeof value === 'string' ? value : null
}

/** Links the selection; without one the link under the caret changes, or the address itself is inserted. */
export const setLink =
  (address: string): Command =>
  (state, dispatch) => {
    const { from, to, empty } = state.selection
    const { tr } = state
    const range = empty ? linkRange(state) : { from, to }
    if (range && address) {
      tr.addMark(range.from, range.to, schema.marks.link.create({ value: address }))
    } else if (range) tr.removeMark(range.from, range.to, schema.marks.link)
    else if (address) {
      tr.insert(from, schema.text(address, [schema.marks.link.create({ value: address })]))
    }
    dispatch?.(tr)
    return true
  }

/** How far the link under the caret reaches. */
function linkRange(state: EditorState): { from: number; to: number } | null {
  const { $from } = state.selection
  const address = linkAt(state)
  if (address === null) return null
  let range: { from: number; to: number } | null = null
  const start = $from.start()
  $from.parent.forEach((node, offset) => {
    const mark = schema.marks.link.isInSet(node.marks)
    if (mark?.attrs.value !== address) return
    const from = start + offset
    const to = from + node.nodeSize
    if (range && range.to === from) range = { from: range.from, to }
    else if (!range || range.to < $from.pos) range = { from, to }
  })
  return range
}
