import { Plugin, PluginKey } from 'prosemirror-state'
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view'
import type { Peer } from '../../sync/presence'
import { caretElement, selectionStyle } from '../caret'
import { positionOf } from './positions'

const key = new PluginKey<DecorationSet>('carets')

function decorate(view: EditorView, peers: readonly Peer[]): DecorationSet {
  const { doc } = view.state
  const decorations: Decoration[] = []
  for (const peer of peers) {
    if (!peer.selection) continue
    const { index, length } = peer.selection
    const from = positionOf(doc, index)
    const to = positionOf(doc, index + length)
    if (to > from) {
      const attributes = { class: 'remote-selection', style: selectionStyle(peer) }
      decorations.push(Decoration.inline(from, to, attributes))
    }
    const identity = `${peer.id} ${peer.name} ${peer.color} ${peer.movedAt}`
    decorations.push(
      Decoration.widget(to, () => caretElement(peer), {
        key: identity,
        side: 1,
        ignoreSelection: true,
      }),
    )
  }
  return DecorationSet.create(doc, decorations)
}

/** Other people's carets and selections. */
export const remoteCarets = new Plugin<DecorationSet>({
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

export function showPeers(view: EditorView, peers: readonly Peer[]): void {
  view.dispatch(view.state.tr.setMeta(key, decorate(view, peers)).setMeta('addToHistory', false))
}
