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
import {
  type EditorView,
  keymap,
  type Panel,
  runScopeHandlers,
  type ViewUpdate,
} from '@codemirror/view'
import { render } from 'preact'
import { t } from '../../i18n'

/** Matches counted before the number becomes "more than". */
const MOST = 1_000

interface Matches {
  readonly count: number
  /** Which of them is selected, from 1; 0 when none is. */
  readonly current: number
}

function matchesOf(state: EditorState, query: SearchQuery): Matches {
  if (!query.valid) return { count: 0, current: 0 }
  const { from, to } = state.selection.main
  const cursor = query.getCursor(state)
  let count = 0
  let current = 0
  for (let next = cursor.next(); !next.done && count <= MOST; next = cursor.next()) {
    count++
    if (next.value.from === from && next.value.to === to) current = count
  }
  return { count, current }
}

function inWords(query: SearchQuery, { count, current }: Matches): string {
  if (!query.search) return ''
  if (!query.valid) return t('find.invalid')
  if (count === 0) return t('find.none')
  if (count > MOST) return t('find.many', { count: MOST })
  return current > 0 ? t('find.which', { current, count }) : t('find.count', { count })
}

type Change = Partial<
  Pick<SearchQuery, 'search' | 'replace' | 'caseSensitive' | 'regexp' | 'wholeWord'>
>

/** Finding and replacing. Enter goes on, Shift+Enter back, Escape returns to the text. */
function FindPanel({ view, state }: { view: EditorView; state: EditorState }) {
  const query = getSearchQuery(state)
  const change = (part: Change) => {
    const { search, replace, caseSensitive, regexp, wholeWord } = query
    const next = new SearchQuery({ search, replace, caseSensitive, regexp, wholeWord, ...part })
    view.dispatch({ effects: setSearchQuery.of(next) })
  }
  const press = (event: KeyboardEvent) => {
    if (runScopeHandlers(view, event, 'search-panel')) event.preventDefault()
    else if (event.key === 'Enter' && (event.target as HTMLElement).matches('input[name]')) {
      event.preventDefault()
      const replacing = (event.target as HTMLInputElement).name === 'replace'
      if (replacing) replaceNext(view)
      else if (event.shiftKey) findPrevious(view)
      else findNext(view)
    }
  }
  const option = (key: 'caseSensitive' | 'wholeWord' | 'regexp', sign: string) => (
    <button
      type="button"
      class="option"
      aria-pressed={query[key]}
      aria-label={t(`find.${key}`)}
      title={t(`find.${key}`)}
      onClick={() => change({ [key]: !query[key] })}
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  )
  return (
    <search class="find" aria-label={t('find.title')} onKeyDown={press}>
      <div class="find-row">
        <input
          name="find"
          main-field="true"
          aria-label={t('find.find')}
          placeholder={t('find.find')}
          value={query.search}
          autocomplete="off"
          spellcheck={false}
          dir="auto"
          onInput={(event) => change({ search: event.currentTarget.value })}
        />
        {option('caseSensitive', 'Aa')}
        {option('wholeWord', '|ab|')}
        {option('regexp', '.*')}
        <button type="button" class="button" onClick={() => findPrevious(view)}>
          {t('find.previous')}
        </button>
        <button type="button" class="button" onClick={() => findNext(view)}>
          {t('find.next')}
        </button>
        <span class="find-count" role="status">
          {inWords(query, matchesOf(state, query))}
        </span>
        <button
          type="button"
          class="plain"
          aria-label={t('find.close')}
          title={t('find.close')}
          onClick={() => closeSearchPanel(view)}
        >
          <span aria-hidden="true">✕</span>
        </button>
      </div>
      {!state.readOnly && (
        <div class="find-row">
          <input
            name="replace"
            aria-label={t('find.replaceWith')}
            placeholder={t('find.replaceWith')}
            value={query.replace}
            autocomplete="off"
            spellcheck={false}
            dir="auto"
            onInput={(event) => change({ replace: event.currentTarget.value })}
          />
          <button type="button" class="button" onClick={() => replaceNext(view)}>
            {t('find.replace')}
          </button>
          <button type="button" class="button" onClick={() => replaceAll(view)}>
            {t('find.replaceAll')}
          </button>
        </div>
      )}
    </search>
  )
}

function createPanel(view: EditorView): Panel {
  const dom = document.createElement('div')
  const draw = () => render(<FindPanel view={view} state={view.state} />, dom)
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
