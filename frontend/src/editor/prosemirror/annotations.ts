import type { Node } from 'prosemirror-model'
import { Plugin, PluginKey, type Transaction } from 'prosemirror-state'
import { Decoration, DecorationSet } from 'prosemirror-view'
import type { Note, NoteLayer } from '../editor'
import { goneElement } from '../gone'
import { Finder } from './positions'

const keys = {
  authors: new PluginKey<DecorationSet>('authors'),
  changes: new PluginKey<DecorationSet>('changes'),
  news: new PluginKey<DecorationSet>('news'),
} satisfies Record<NoteLayer, unknown>

/** What is shown with the text, a plugin for each layer: the editor draws them together. */
export const annotations = Object.values(keys).map(
  (key) =>
    new Plugin<DecorationSet>({
      key,
      state: {
        init: () => DecorationSet.empty,
        apply(tr, shown) {
          const notes = tr.getMeta(key) as readonly Note[] | undefined
          if (notes) return DecorationSet.create(tr.doc, decorationsOf(notes, tr.doc))
          return shown.map(tr.mapping, tr.doc)
        },
      },
      props: { decorations: (state) => key.getState(state) },
    }),
)

/** Shows notes on the text that the transaction leads to, instead of those of the same layer. */
export const annotate = (tr: Transaction, layer: NoteLayer, notes: readonly Note[]): Transaction =>
  tr.setMeta(keys[layer], notes).setMeta('addToHistory', false)

function decorationsOf(notes: readonly Note[], doc: Node): Decoration[] {
  const decorations: Decoration[] = []
  const finder = new Finder(doc)
  for (const note of notes) {
    const from = finder.positionOf(note.index)
    const { number, position } = finder.line
    if (note.gone !== undefined) {
      const { gone, color } = note
      const options = { side: -1, ignoreSelection: true, key: `${color} ${gone}` }
      decorations.push(Decoration.widget(from, () => goneElement(gone, color), options))
      continue
    }
    const to = finder.positionOf(note.index + note.length)
    if (!note.lines) {
      if (to > from) decorations.push(Decoration.inline(from, to, look(note)))
      continue
    }
    for (let at = position, n = number; at < to; n++) {
      const end = at + doc.child(n).nodeSize
      decorations.push(Decoration.node(at, end, look(note)))
      at = end
    }
  }
  return decorations
}

const look = (note: Note) => ({
  class: note.class,
  ...(note.color ? { style: `--person:${note.color}` } : {}),
  ...(note.title ? { title: note.title } : {}),
})
