import { type EditorState, NodeSelection, type Transaction } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { Attributes } from '../../delta'
import type { Picture } from '../editor'
import { embedNode } from './content'
import { positionOf } from './positions'
import { attributesOf, marksOf, schema } from './schema'

/** A picture as the reader sees it. */
export interface ShownPicture {
  readonly alt: string
  /** In pixels. */
  readonly width: number
  readonly height: number
}

/** Puts a picture in at a place. Its size goes with it, so that the text does not jump when it has been loaded. */
export function insertPicture(state: EditorState, index: number, picture: Picture): Transaction {
  const size = { width: String(picture.width), height: String(picture.height) }
  const node = embedNode({ image: picture.url }, size)
  return state.tr.insert(positionOf(state.doc, index), node).scrollIntoView()
}

/** The picture that is selected. */
export function selectedPicture(view: EditorView): ShownPicture | null {
  const { selection } = view.state
  if (!(selection instanceof NodeSelection)) return null
  const { type, attrs, marks } = selection.node
  if (type !== schema.nodes.embed || typeof attrs.value.image !== 'string') return null
  const { alt } = attributesOf(marks) ?? {}
  const element = view.nodeDOM(selection.from)
  const shown = element instanceof HTMLElement ? element.getBoundingClientRect() : null
  const { width, height } = shown ?? { width: 0, height: 0 }
  return { alt: typeof alt === 'string' ? alt : '', width, height }
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
