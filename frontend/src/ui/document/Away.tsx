import { locale, t } from '../../i18n'
import type { DocumentPage } from './page'

/** What others did while the user was away; it is marked in the text until the user has read this. */
export function Away({ page }: { page: DocumentPage }) {
  const away = page.away.value
  if (!away) return null
  const known = away.names.filter((name) => name !== '')
  const named = known.length < away.names.length ? [...known, t('away.others')] : known
  const people = new Intl.ListFormat(locale.value).format(named)
  return (
    <div class="notice calm">
      <p>{t('away.changes', { count: away.changes, people })}</p>
      <button type="button" class="button" onClick={() => page.dismissAway()}>
        {t('refused.dismiss')}
      </button>
    </div>
  )
}
