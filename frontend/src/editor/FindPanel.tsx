import { t } from '../i18n'

/** Matches counted before the number becomes "more than". */
export const MOST_MATCHES = 1_000

/** What is looked for, and what it is to become. */
export interface Query {
  readonly search: string
  readonly replace: string
  readonly caseSensitive: boolean
  readonly wholeWord: boolean
  readonly regexp: boolean
}

export interface Matches {
  /** One more than MOST_MATCHES says that there are more. */
  readonly count: number
  /** Which of them is selected, from 1; 0 when none is. */
  readonly current: number
}

/** An editor in which the panel looks for something. */
export interface Finder {
  readonly query: Query
  /** The query means something: a regular expression may not. */
  readonly valid: boolean
  readonly matches: Matches
  readonly readOnly: boolean
  change(part: Partial<Query>): void
  next(): void
  previous(): void
  replace(): void
  replaceAll(): void
  close(): void
}

function inWords({ query, valid, matches: { count, current } }: Finder): string {
  if (!query.search) return ''
  if (!valid) return t('find.invalid')
  if (count === 0) return t('find.none')
  if (count > MOST_MATCHES) return t('find.many', { count: MOST_MATCHES })
  return current > 0 ? t('find.which', { current, count }) : t('find.count', { count })
}

/** What a key does in the panel; undefined leaves it to the browser, so that Ctrl+F opens its own search from here. */
function actionOf(finder: Finder, event: KeyboardEvent): (() => void) | undefined {
  const { key, shiftKey, ctrlKey, metaKey, target } = event
  const on = shiftKey ? finder.previous : finder.next
  if (key === 'Escape') return finder.close
  if (key === 'F3' || ((ctrlKey || metaKey) && key.toLowerCase() === 'g')) return on
  if (key !== 'Enter' || event.isComposing || !(target instanceof HTMLInputElement))
    return undefined
  return target.name === 'replace' ? finder.replace : on
}

/** Finding and replacing. Enter goes on, Shift+Enter back, Escape returns to the text. */
export function FindPanel({ finder }: { finder: Finder }) {
  const { query } = finder
  const press = (event: KeyboardEvent) => {
    const act = actionOf(finder, event)
    if (!act) return
    event.preventDefault()
    event.stopPropagation()
    act()
  }
  const option = (key: 'caseSensitive' | 'wholeWord' | 'regexp', sign: string) => (
    <button
      type="button"
      class="option"
      aria-pressed={query[key]}
      aria-label={t(`find.${key}`)}
      title={t(`find.${key}`)}
      onClick={() => finder.change({ [key]: !query[key] })}
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  )
  const field = (key: 'search' | 'replace', name: 'find' | 'replace', label: string) => (
    <input
      name={name}
      main-field={name === 'find' ? 'true' : undefined}
      aria-label={label}
      placeholder={label}
      value={query[key]}
      autocomplete="off"
      spellcheck={false}
      dir="auto"
      onInput={(event) => finder.change({ [key]: event.currentTarget.value })}
    />
  )
  const button = (name: string, run: () => void) => (
    <button type="button" class="button" onClick={run}>
      {name}
    </button>
  )
  return (
    <search class="find" aria-label={t('find.title')} onKeyDown={press}>
      <div class="find-row">
        {field('search', 'find', t('find.find'))}
        {option('caseSensitive', 'Aa')}
        {option('wholeWord', '|ab|')}
        {option('regexp', '.*')}
        {button(t('find.previous'), () => finder.previous())}
        {button(t('find.next'), () => finder.next())}
        <span class="find-count" role="status">
          {inWords(finder)}
        </span>
        <button
          type="button"
          class="plain"
          aria-label={t('find.close')}
          title={t('find.close')}
          onClick={() => finder.close()}
        >
          <span aria-hidden="true">✕</span>
        </button>
      </div>
      {!finder.readOnly && (
        <div class="find-row">
          {field('replace', 'replace', t('find.replaceWith'))}
          {button(t('find.replace'), () => finder.replace())}
          {button(t('find.replaceAll'), () => finder.replaceAll())}
        </div>
      )}
    </search>
  )
}
