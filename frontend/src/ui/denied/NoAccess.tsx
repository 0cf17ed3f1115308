import { useEffect, useState } from 'preact/hooks'
import { t } from '../../i18n'
import { at } from '../../place'
import { authorized } from '../../sync/bearer'
import { documentIn } from '../address'
import { refusal } from '../api'
import { Instead } from '../Instead'
import { SignInLink } from '../SignInLink'
import { n } from './texts'

const DAY = 86_400_000

/** Why a document cannot be opened: it is in the trash, from where this user can restore it or not, or there is no access to it. */
type Reason =
  | { readonly what: 'denied' }
  | { readonly what: 'trashed'; readonly mine: boolean; readonly until?: number }

const trashed = () => at(`api/v1/trash/${documentIn(location.pathname)}`)

async function findOut(): Promise<Reason> {
  const answer = await fetch(trashed(), authorized({})).catch(() => null)
  const said = (await answer?.json().catch(() => null)) as { code?: string; until?: number } | null
  if (answer?.ok) return { what: 'trashed', mine: true, until: said?.until ?? 0 }
  return said?.code === 'trashed' ? { what: 'trashed', mine: false } : { what: 'denied' }
}

/** What stands in place of a document that the user may not, or no longer, open. */
export function NoAccess({ onRetry }: { onRetry: () => void }) {
  const [reason, setReason] = useState<Reason | null>(null)
  const [problem, setProblem] = useState('')
  useEffect(() => void findOut().then(setReason), [])
  const restore = async () => {
    const answer = await fetch(`${trashed()}/restore`, authorized({ method: 'POST' })).catch(
      () => null,
    )
    if (answer?.ok) onRetry()
    else setProblem(answer ? refusal(answer.status) : t('problem.unreachable'))
  }
  if (!reason) return <main class="missing" aria-busy="true" />
  return (
    <Instead {...wordsFor(reason)} problem={problem}>
      {reason.what === 'trashed' && reason.mine ? (
        <button type="button" class="button primary" onClick={() => void restore()}>
          {n('restore')}
        </button>
      ) : (
        <>
          <button type="button" class="button primary" onClick={onRetry}>
            {t('state.tryNow')}
          </button>
          <SignInLink />
        </>
      )}
    </Instead>
  )
}

function wordsFor(reason: Reason): { heading: string; text: string } {
  if (reason.what === 'denied') return { heading: n('heading'), text: n('text') }
  const heading = n('trashed')
  if (!reason.mine) return { heading, text: n('trashed.others') }
  if (!reason.until) return { heading, text: n('trashed.stays') }
  const count = Math.max(0, Math.ceil((reason.until - Date.now()) / DAY))
  return { heading, text: n('trashed.mine', { count }) }
}
