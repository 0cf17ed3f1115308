import type { Asking, Past } from './past'
import { h } from './texts'

/** What can be done with the moment that is shown. */
export function Tools({ past }: { past: Past }) {
  const ask = (what: 'restore' | 'fork' | 'name' | 'redact') => () => {
    past.done.value = null
    past.asking.value = { what } satisfies Asking
  }
  const nothing = past.shown.value === null
  return (
    <div class="history-tools">
      <button type="button" class="button primary" disabled={nothing} onClick={ask('restore')}>
        {h('restore')}
      </button>
      <button type="button" class="button" disabled={nothing} onClick={ask('name')}>
        {h('versions.name')}
      </button>
      <button type="button" class="button" disabled={nothing} onClick={() => past.choosePoint()}>
        {h('compare.choose')}
      </button>
      <button type="button" class="button" disabled={nothing} onClick={ask('fork')}>
        {h('fork')}
      </button>
      {past.overview.value?.owner && (
        <button type="button" class="button" disabled={nothing} onClick={ask('redact')}>
          {h('redact')}
        </button>
      )}
    </div>
  )
}
