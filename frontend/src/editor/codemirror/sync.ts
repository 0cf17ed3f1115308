import { Annotation, type Extension, Transaction } from '@codemirror/state'
import { EditorView, type ViewUpdate } from '@codemirror/view'
import type { Delta } from '../../delta'
import type { EditorHost } from '../editor'
import { changesOf, deltaOf } from './delta'

const remote = Annotation.define<boolean>()

/** Reports what the user does. */
export function reportTo(host: EditorHost): Extension {
  return EditorView.updateListener.of((update: ViewUpdate) => {
    for (const transaction of update.transactions) {
      if (transaction.docChanged && !transaction.annotation(remote)) {
        host.submit(deltaOf(transaction.changes))
      }
    }
    if (update.docChanged || update.selectionSet || update.focusChanged) {
      const { from, to } = update.state.selection.main
      host.select({ index: from, length: to - from })
    }
  })
}

/** Applies somebody else's change: not for undo, and the view stays where it is. */
export function applyRemote(view: EditorView, change: Delta): void {
  view.dispatch({
    changes: changesOf(change),
    annotations: [remote.of(true), Transaction.addToHistory.of(false), Transaction.remote.of(true)],
  })
}
