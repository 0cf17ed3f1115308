import {
  closeSearchPanel,
  findNext,
  findPrevious,
  getSearchQuery,
  highlightSelectionMatches,
  openSearchPanel,
  replaceAll,
  replaceNext,
  SearchQuery,
  search,
  searchKeymap,
  setSearchQuery,
} from '@codemirror/search'
import type { EditorState, Extension } from '@codemirror/state'
import { type EditorView, keymap, type Panel, type ViewUpdate } from '@codemirror/view'
import { render } from 'preact'
import { type Finder, FindPanel, type Matches, MOST_MATCHES } from '../FindPanel'

function matchesOf(state: EditorState, query: SearchQuery): Matches {
  if (!query.valid) return { count: 0, current: 0 }
  const { from, to } = state.selection.main
  const cursor = query.getCursor(state)
  let count = 0
  let current = 0
  for (let next = cursor.next(); !next.done && count <= MOST_MATCHES; next = cursor.next()) {
    count++
    if (next.value.from === from && next.value.to === to) current = count
  }
  return { count, current }
}

function finderOf(view: EditorView): Finder {
  const query = getSearchQuery(view.state)
  const { search, replace, caseSensitive, regexp, wholeWord } = query
  const parts = { search, replace, caseSensitive, regexp, wholeWord }
  return {
    query: parts,
    valid: query.valid,
    matches: matchesOf(view.state, query),
    readOnly: view.state.readOnly,
    change: (part) =>
      view.dispatch({ effects: setSearchQuery.of(new SearchQuery({ ...parts, ...part })) }),
    next: () => findNext(view),
    previous: () => findPrevious(view),
    replace: () => replaceNext(view),
    replaceAll: () => replaceAll(view),
    close: () => closeSearchPanel(view),
  }
}

function createPanel(view: EditorView): Panel {
  const dom = document.createElement('div')
  const draw = () => render(<FindPanel finder={finderOf(view)} />, dom)
  draw()
  return {
    dom,
    top: true,
    mount: () => dom.querySelector<HTMLInputElement>('input')?.select(),
    update: (update: ViewUpdate) => {
      const asked = update.transactions.some((tr) => tr.effects.some((e) => e.is(setSearchQuery)))
      if (asked || update.docChanged || update.selectionSet) draw()
    },
    destroy: () => render(null, dom),
  }
}

/** Finding and replacing, in a panel of our own that speaks the user's language. */
export const find: Extension = [
  search({ top: true, createPanel }),
  highlightSelectionMatches(),
  keymap.of(searchKeymap),
]

export { openSearchPanel }
