import type { Node } from 'prosemirror-model'
import { type EditorState, Plugin, PluginKey } from 'prosemirror-state'
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view'
import type { Note, NoteLayer } from '../editor'
import { goneElement } from '../gone'
import { Finder } from './positions'

type Layers = ReadonlyMap<NoteLayer, DecorationSet>

const key = new PluginKey<Layers>('annotations')

const annotations = new Plugin<Layers>({
  key,
  state: {
    init: () => new Map(),
    apply(tr, shown) {
      const fresh = tr.getMeta(key) as [NoteLayer, DecorationSet] | undefined
      if (!tr.docChanged && !fresh) return shown
      const next = new Map([...shown].map(([layer, set]) => [layer, set.map(tr.mapping, tr.doc)]))
      return fresh ? next.set(...fresh) : next
    },
  },
  props: {
    decorations(state) {
      const all = [...(key.getState(state)?.values() ?? [])].flatMap((set) => set.find())
      return all.length > 0 ? DecorationSet.create(state.doc, all) : null
    },
  },
})

export function annotate(view: EditorView, layer: NoteLayer, notes: readonly Note[]): void {
  if (!key.getState(view.state)) view.updateState(withAnnotations(view.state))
  const { doc, tr } = view.state
  const shown = DecorationSet.create(doc, decorationsOf(notes, doc))
  view.dispatch(tr.setMeta(key, [layer, shown]).setMeta('addToHistory', false))
}

const withAnnotations = (state: EditorState) =>
  state.reconfigure({ plugins: [...state.plugins, annotations] })

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
