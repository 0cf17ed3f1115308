import { render } from 'preact'
import { type EditorState, TextSelection } from 'prosemirror-state'
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view'
import { type Finder, FindPanel, type Matches, MOST_MATCHES, type Query } from '../FindPanel'
import { type Match, Search } from './matches'

const NOTHING: Query = {
  search: '',
  replace: '',
  caseSensitive: false,
  wholeWord: false,
  regexp: false,
}
/** A selection of more than this is not what somebody looks for, in UTF-16 units. */
const LONGEST_SELECTION = 100

/** Finding and replacing in rich text, for as long as its panel is open. */
export class Finding {
  private search = new Search(NOTHING)
  private readonly place = document.createElement('div')
  private marked: { state: EditorState; marks: DecorationSet } | null = null

  /** The panel is shown at the top of `parent`. `closed` hears that it is gone. */
  constructor(
    private readonly view: EditorView,
    parent: HTMLElement,
    private readonly closed: () => void,
  ) {
    this.place.className = 'find-place'
    parent.prepend(this.place)
    this.open()
  }

  /** Looks for what is selected, if anything is. */
  open(): void {
    const { doc, selection } = this.view.state
    const text = doc.textBetween(selection.from, selection.to, '\n')
    const wanted = text && !text.includes('\n') && text.length <= LONGEST_SELECTION
    this.change(wanted ? { search: text } : {})
    this.field?.select()
  }

  get field(): HTMLInputElement | null {
    return this.place.querySelector('input')
  }

  /** What the panel shows at this moment. */
  private get finder(): Finder {
    return {
      query: this.search.query,
      valid: this.search.pattern !== null,
      matches: this.matches,
      readOnly: !this.view.editable,
      change: (part) => this.change(part),
      next: () => this.next(),
      previous: () => this.previous(),
      replace: () => this.replace(),
      replaceAll: () => this.replaceAll(),
      close: () => this.close(),
    }
  }

  private get matches(): Matches {
    const { state } = this.view
    const all = this.search.in(state.doc, MOST_MATCHES + 1)
    return { count: all.length, current: all.findIndex((match) => isSelected(state, match)) + 1 }
  }

  private change(part: Partial<Query>): void {
    this.search = new Search({ ...this.search.query, ...part })
    this.marked = null
    this.view.setProps({ decorations: (state) => this.marksIn(state) })
    this.update()
  }

  /** The text, the selection or the query changed. */
  update(): void {
    render(<FindPanel finder={this.finder} />, this.place)
  }

  private marksIn(state: EditorState): DecorationSet {
    if (this.marked?.state !== state) {
      const places = this.search.in(state.doc, MOST_MATCHES).map((match) => {
        const name = isSelected(state, match) ? 'found current' : 'found'
        return Decoration.inline(match.from, match.to, { class: name })
      })
      this.marked = { state, marks: DecorationSet.create(state.doc, places) }
    }
    return this.marked.marks
  }

  private next(): void {
    const { to } = this.view.state.selection
    const all = this.search.in(this.view.state.doc)
    this.select(all.find((match) => match.from >= to) ?? all[0])
  }

  private previous(): void {
    const { from } = this.view.state.selection
    const all = this.search.in(this.view.state.doc)
    this.select(all.findLast((match) => match.to <= from) ?? all.at(-1))
  }

  /** Replaces the match that is selected, and goes on to the next. */
  private replace(): void {
    const { state } = this.view
    const match = this.search.in(state.doc).find((each) => isSelected(state, each))
    if (match) this.put([match])
    this.next()
  }

  private replaceAll(): void {
    this.put(this.search.in(this.view.state.doc))
  }

  private close(): void {
    this.view.setProps({ decorations: () => null })
    render(null, this.place)
    this.place.remove()
    this.closed()
    this.view.focus()
  }

  private put(matches: readonly Match[]): void {
    const { doc, tr } = this.view.state
    // From the end, so that positions before stay right.
    for (const { from, to } of [...matches].reverse()) {
      const text = this.search.replacement(doc.textBetween(from, to))
      if (text) tr.insertText(text, from, to)
      else tr.delete(from, to)
    }
    if (matches.length > 0 && this.view.editable) this.view.dispatch(tr)
  }

  private select(match: Match | undefined): void {
    if (!match) return
    const { doc, tr } = this.view.state
    this.view.dispatch(tr.setSelection(TextSelection.create(doc, match.from, match.to)))
    this.view.dom.querySelector('.found.current')?.scrollIntoView({ block: 'center' })
  }
}

const isSelected = ({ selection }: EditorState, { from, to }: Match) =>
  selection.from === from && selection.to === to
