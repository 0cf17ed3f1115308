import { type Range, StateEffect, StateField, type Text } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view'
import type { Note, NoteLayer } from '../editor'
import { goneElement } from '../gone'

class Gone extends WidgetType {
  constructor(
    private readonly text: string,
    private readonly color: string | undefined,
  ) {
    super()
  }

  override eq(other: Gone): boolean {
    return this.text === other.text && this.color === other.color
  }

  override toDOM(): HTMLElement {
    return goneElement(this.text, this.color)
  }
}

type Layers = ReadonlyMap<NoteLayer, DecorationSet>

const setLayer = StateEffect.define<{ layer: NoteLayer; shown: DecorationSet }>()

const layers = StateField.define<Layers>({
  create: () => new Map(),
  update(shown, { changes, effects, docChanged }) {
    let next = shown
    if (docChanged) next = new Map([...next].map(([layer, set]) => [layer, set.map(changes)]))
    for (const effect of effects) {
      if (effect.is(setLayer)) next = new Map(next).set(effect.value.layer, effect.value.shown)
    }
    return next
  },
  provide: (field) =>
    EditorView.decorations.computeN([field], (state) => [...state.field(field).values()]),
})

export function annotate(view: EditorView, layer: NoteLayer, notes: readonly Note[]): void {
  const shown = Decoration.set(rangesOf(notes, view.state.doc), true)
  const first = view.state.field(layers, false) === undefined
  const effects: StateEffect<unknown>[] = first ? [StateEffect.appendConfig.of(layers)] : []
  view.dispatch({ effects: [...effects, setLayer.of({ layer, shown })] })
}

function rangesOf(notes: readonly Note[], doc: Text): Range<Decoration>[] {
  const ranges: Range<Decoration>[] = []
  for (const note of notes) {
    const from = Math.min(note.index, doc.length)
    const to = Math.min(from + note.length, doc.length)
    if (note.gone !== undefined) {
      const widget = new Gone(note.gone, note.color)
      ranges.push(Decoration.widget({ widget, side: -1 }).range(from))
    } else if (note.lines) lineRanges(note, doc, from, to, ranges)
    else if (to > from) ranges.push(Decoration.mark(look(note)).range(from, to))
  }
  return ranges
}

function lineRanges(
  note: Note,
  doc: Text,
  from: number,
  to: number,
  ranges: Range<Decoration>[],
): void {
  const last = doc.lineAt(Math.max(from, to - 1)).number
  for (let number = doc.lineAt(from).number; number <= last; number++) {
    ranges.push(Decoration.line(look(note)).range(doc.line(number).from))
  }
}

const look = (note: Note) => ({
  class: note.class,
  attributes: {
    ...(note.color ? { style: `--person:${note.color}` } : {}),
    ...(note.title ? { title: note.title } : {}),
  },
})
