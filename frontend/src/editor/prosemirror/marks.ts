import { Plugin, PluginKey } from 'prosemirror-state'
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view'
import type { Delta } from '../../delta'
import { insertedBy } from '../inserted'
import { positionOf } from './positions'

const key = new PluginKey<DecorationSet>('marks')

/** Text that came while the user was away. */
export const marks = new Plugin<DecorationSet>({
  key,
  state: {
    init: () => DecorationSet.empty,
    apply(tr, shown) {
      const fresh = tr.getMeta(key) as DecorationSet | undefined
      return fresh ?? shown.map(tr.mapping, tr.doc)
    },
  },
  props: { decorations: (state) => key.getState(state) ?? null },
})

export function showMarks(view: EditorView, change: Delta): void {
  const { doc, tr } = view.state
  const places = insertedBy(change).map(({ index, length }) =>
    Decoration.inline(positionOf(doc, index), positionOf(doc, index + length), {
      class: 'came-meanwhile',
    }),
  )
  const set = DecorationSet.create(doc, places)
  view.dispatch(tr.setMeta(key, set).setMeta('addToHistory', false))
}
