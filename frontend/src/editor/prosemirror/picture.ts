import { type EditorState, NodeSelection, type Transaction } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { Attributes } from '../../delta'
import { embedNode } from './content'
import { positionOf } from './positions'
import { attributesOf, marksOf, schema } from './schema'

/** A picture as the reader sees it. */
export interface ShownPicture {
  readonly alt: string
  /** In pixels. */
  readonly width: number
}

/** Puts a picture in at a place. The caret stays behind it, as after typing. */
export function insertPicture(state: EditorState, index: number, url: string): Transaction {
  const position = positionOf(state.doc, index)
  return state.tr.insert(position, embedNode({ image: url }, undefined)).scrollIntoView()
}

/** The picture that is selected. */
export function selectedPicture(view: EditorView): ShownPicture | null {
  const { selection } = view.state
  if (!(selection instanceof NodeSelection)) return null
  const { type, attrs, marks } = selection.node
  if (type !== schema.nodes.embed || typeof attrs.value.image !== 'string') return null
  const { alt, width } = attributesOf(marks) ?? {}
  const element = view.nodeDOM(selection.from)
  const shown = element instanceof HTMLElement ? element.getBoundingClientRect().width : 0
  return { alt: typeof alt === 'string' ? alt : '', width: Number(width) || shown }
}

/** Changes how the selected picture is shown; null takes an attribute away. */
export function changePicture(state: EditorState, change: Attributes): Transaction | null {
  const { selection, tr } = state
  if (!(selection instanceof NodeSelection)) return null
  const attributes = { ...attributesOf(selection.node.marks), ...change }
  const picture = selection.node.mark(marksOf(attributes))
  tr.replaceWith(selection.from, selection.to, picture)
  return tr.setSelection(NodeSelection.create(tr.doc, selection.from))
}
