import type { Node } from 'prosemirror-model'
import { Plugin, PluginKey, type Transaction } from 'prosemirror-state'
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view'
import type { Delta } from '../../delta'
import { browserSchedule } from '../../sync/schedule'
import { insertedBy } from '../inserted'
import { Finder } from './positions'
import { readSelection } from './selection'

/** How many places are drawn at a time: each line of them is made anew, and the user may be typing. */
const AT_A_TIME = 125
/** How long drawing rests while an input method composes, in ms. */
const REST = 100

interface Place {
  readonly from: number
  readonly to: number
}

interface Marks {
  readonly shown: DecorationSet
  /** Places that are still to be drawn. */
  readonly waiting: readonly Place[]
}

const NONE: Marks = { shown: DecorationSet.empty, waiting: [] }
const key = new PluginKey<Marks>('marks')
const MORE = 'more'

function drawMore({ shown, waiting }: Marks, doc: Node): Marks {
  const some = waiting
    .slice(0, AT_A_TIME)
    .map(({ from, to }) => Decoration.inline(from, to, { class: 'came-meanwhile' }))
  return { shown: shown.add(doc, some), waiting: waiting.slice(AT_A_TIME) }
}

function moved({ shown, waiting }: Marks, { mapping, doc }: Transaction): Marks {
  const places = waiting.map(({ from, to }) => ({
    from: mapping.map(from, 1),
    to: mapping.map(to, -1),
  }))
  return { shown: shown.map(mapping, doc), waiting: places.filter(({ from, to }) => to > from) }
}

/** Draws what waits, a part in each task. */
class Drawing {
  private cancel: (() => void) | null = null

  constructor(private readonly view: EditorView) {
    this.update()
  }

  update(): void {
    if (this.cancel || !key.getState(this.view.state)?.waiting.length) return
    const draw = () => {
      this.cancel = null
      if (this.view.composing) return this.update()
      readSelection(this.view)
      this.view.dispatch(this.view.state.tr.setMeta(key, MORE).setMeta('addToHistory', false))
    }
    this.cancel = this.view.composing
      ? browserSchedule.after(REST, draw)
      : browserSchedule.soon(draw)
  }

  destroy(): void {
    this.cancel?.()
  }
}

/** Text that came while the user was away. */
export const marks = new Plugin<Marks>({
  key,
  state: {
    init: () => NONE,
    apply(tr, before) {
      const meta = tr.getMeta(key) as typeof MORE | readonly Place[] | undefined
      const marks = tr.docChanged ? moved(before, tr) : before
      if (!meta) return marks
      return drawMore(meta === MORE ? marks : { ...NONE, waiting: meta }, tr.doc)
    },
  },
  view: (view) => new Drawing(view),
  props: { decorations: (state) => key.getState(state)?.shown ?? null },
})

export function showMarks(view: EditorView, change: Delta): void {
  const { doc, tr } = view.state
  const finder = new Finder(doc)
  const places = insertedBy(change).map(({ index, length }): Place => {
    return { from: finder.positionOf(index), to: finder.positionOf(index + length) }
  })
  view.dispatch(tr.setMeta(key, places).setMeta('addToHistory', false))
}
