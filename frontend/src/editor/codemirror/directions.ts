import { type Extension, RangeSetBuilder } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  EditorView,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view'

const auto = Decoration.line({ attributes: { dir: 'auto' } })

function linesInView(view: EditorView): DecorationSet {
  const set = new RangeSetBuilder<Decoration>()
  for (const { from, to } of view.visibleRanges) {
    for (let position = from; position <= to; ) {
      const line = view.state.doc.lineAt(position)
      set.add(line.from, line.from, auto)
      position = line.to + 1
    }
  }
  return set.finish()
}

const plugin = ViewPlugin.fromClass(
  class {
    lines: DecorationSet
    constructor(view: EditorView) {
      this.lines = linesInView(view)
    }
    update(update: ViewUpdate) {
      if (update.docChanged || update.viewportChanged) this.lines = linesInView(update.view)
    }
  },
  { decorations: ({ lines }) => lines },
)

/** Each line runs in the direction of its own first letter. */
export const directionOfEachLine: Extension = [EditorView.perLineTextDirection.of(true), plugin]
