import { useEffect, useState } from 'preact/hooks'
import { t } from '../../i18n'
import type { SavedState } from '../../sync/session'
import type { DocumentPage } from './page'

/** "Saving…" appears only when saving takes this long, in ms. */
const PATIENCE = 400
/** "Saved" comes back only after this much quiet, in ms: typing must not make it flicker. */
const CALM = 250

const DATA_STATE = {
  loading: 'connecting',
  connecting: 'connecting',
  saved: 'saved',
  saving: 'saving',
  offline: 'offline',
  readonly: 'readonly',
  full: 'full',
  denied: 'error',
  error: 'error',
} as const

function inWords({ kind, edits: count, kept }: SavedState): string {
  switch (kind) {
    case 'loading':
      return t('state.opening')
    case 'connecting':
      return count > 0 ? t('state.reconnectingWith', { count }) : t('state.reconnecting')
    case 'offline':
      if (count === 0) return t('state.offline')
      return t(kept ? 'state.offlineKept' : 'state.offlineNotKept', { count })
    case 'saving':
      return t('state.saving')
    case 'saved':
      return t('state.saved')
    case 'readonly':
      return t('state.readonly')
    case 'full':
      return t(kept ? 'state.full' : 'state.fullNotKept', { count })
    case 'denied':
      return t('state.denied')
    case 'error':
      return t('state.error')
  }
}

/**
 * Where the user's text is. It says "Saved" only while everything is durable
 * on the server, and takes a moment to say so again, so that it keeps still
 * while somebody types.
 */
export function StateChip({ page }: { page: DocumentPage }) {
  const saved = page.saved.value
  const [quiet, setQuiet] = useState(true)
  const [slow, setSlow] = useState(false)
  const saving = saved.kind === 'saving'

  useEffect(() => {
    if (saving) {
      setQuiet(false)
      const timer = setTimeout(() => setSlow(true), PATIENCE)
      return () => clearTimeout(timer)
    }
    const timer = setTimeout(() => {
      setQuiet(true)
      setSlow(false)
    }, CALM)
    return () => clearTimeout(timer)
  }, [saving])

  const unsettled = saving || (saved.kind === 'saved' && !quiet)
  const shown = unsettled ? 'saving' : saved.kind
  const words = unsettled ? (slow ? t('state.saving') : '') : inWords(saved)
  const waiting = shown === 'offline' || shown === 'connecting' || shown === 'full'
  return (
    <span class="state">
      <span class="chip" role="status" aria-live="off" data-state={DATA_STATE[shown]}>
        <span class="dot" aria-hidden="true" />
        {words}
      </span>
      {waiting && (
        <button type="button" class="link" onClick={() => page.retryNow()}>
          {t('state.tryNow')}
        </button>
      )}
    </span>
  )
}
