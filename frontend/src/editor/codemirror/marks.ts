import { type Extension, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view'
import type { Delta } from '../../delta'
import { insertedBy } from '../inserted'

const setMarks = StateEffect.define<DecorationSet>()

const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    let next = shown.map(transaction.changes)
    for (const effect of transaction.effects) if (effect.is(setMarks)) next = effect.value
    return next
  },
  provide: (field) => EditorView.decorations.from(field),
})

/** Text that came while the user was away. */
export const marks: Extension = marked

const mark = Decoration.mark({ class: 'came-meanwhile' })

export function showMarks(view: EditorView, change: Delta): void {
  const end = view.state.doc.length
  const places = insertedBy(change).filter(({ index, length }) => index + length <= end)
  const set = Decoration.set(places.map(({ index, length }) => mark.range(index, index + length)))
  view.dispatch({ effects: setMarks.of(set) })
}
