import { type Extension, type Range, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view'
import type { Peer } from '../../sync/presence'
import { caretElement, sameCaret, selectionStyle } from '../caret'

class Caret extends WidgetType {
  constructor(private readonly peer: Peer) {
    super()
  }

  override eq(other: Caret): boolean {
    return sameCaret(this.peer, other.peer)
  }

  override toDOM(): HTMLElement {
    return caretElement(this.peer)
  }

  override ignoreEvent(): boolean {
    return true
  }
}

const setPeers = StateEffect.define<readonly Peer[]>()

function decorate(peers: readonly Peer[], end: number): DecorationSet {
  const marks: Range<Decoration>[] = []
  for (const peer of peers) {
    if (!peer.selection) continue
    const from = Math.min(peer.selection.index, end)
    const to = Math.min(peer.selection.index + peer.selection.length, end)
    if (to > from) {
      const attributes = { style: selectionStyle(peer) }
      marks.push(Decoration.mark({ class: 'remote-selection', attributes }).range(from, to))
    }
    marks.push(Decoration.widget({ widget: new Caret(peer), side: 1 }).range(to))
  }
  return Decoration.set(marks, true)
}

const carets = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    let next = shown.map(transaction.changes)
    for (const effect of transaction.effects) {
      if (effect.is(setPeers)) next = decorate(effect.value, transaction.newDoc.length)
    }
    return next
  },
  provide: (field) => EditorView.decorations.from(field),
})

export const remoteCarets: Extension = carets

export function showPeers(view: EditorView, peers: readonly Peer[]): void {
  view.dispatch({ effects: setPeers.of(peers) })
}
