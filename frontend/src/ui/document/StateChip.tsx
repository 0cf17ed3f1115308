import { useEffect, useState } from 'preact/hooks'
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
  error: 'error',
} as const

const changes = (edits: number) => (edits === 1 ? '1 change' : `${edits} changes`)

function inWords({ kind, edits, kept }: SavedState): string {
  switch (kind) {
    case 'loading':
      return 'Opening…'
    case 'connecting':
      return edits > 0 ? `Reconnecting… ${changes(edits)} waiting` : 'Reconnecting…'
    case 'offline':
      if (edits === 0) return 'Offline – you can keep writing'
      return kept
        ? `Offline – ${changes(edits)} kept on this device`
        : `Offline – keep this tab open, ${changes(edits)} not saved`
    case 'saving':
      return 'Saving…'
    case 'saved':
      return 'Saved'
    case 'readonly':
      return 'Read only'
    case 'error':
      return 'Not connected – reload the page'
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
  const words = unsettled ? (slow ? 'Saving…' : '') : inWords(saved)
  const waiting = shown === 'offline' || shown === 'connecting'
  return (
    <span class="state">
      <span class="chip" role="status" data-state={DATA_STATE[shown]}>
        <span class="dot" aria-hidden="true" />
        {words}
      </span>
      {waiting && (
        <button type="button" class="link" onClick={() => page.retryNow()}>
          Try now
        </button>
      )}
    </span>
  )
}
