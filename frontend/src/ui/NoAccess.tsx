import { t } from '../i18n'
import { root } from '../place'
import { Mark } from './icons'
import { SignInLink } from './SignInLink'

/** What stands in place of a document that the user may not, or no longer, open. */
export function NoAccess({ onRetry }: { onRetry: () => void }) {
  return (
    <main class="missing">
      <a href={root} class="home" aria-label={t('app.home')}>
        <Mark />
      </a>
      <h1>{t('denied.heading')}</h1>
      <p role="alert">{t('denied.text')}</p>
      <p class="actions">
        <button type="button" class="button primary" onClick={onRetry}>
          {t('state.tryNow')}
        </button>
        <SignInLink />
        <a class="button" href={root}>
          {t('missing.start')}
        </a>
      </p>
    </main>
  )
}
