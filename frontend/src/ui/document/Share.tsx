import { t } from '../../i18n'
import { LinkIcon } from '../icons'
import type { DocumentPage } from './page'

/** Opens the dialog about who has access. */
export function Share({ page }: { page: DocumentPage }) {
  return (
    <button
      type="button"
      class="button primary share"
      aria-haspopup="dialog"
      onClick={() => {
        page.dialog.value = 'share'
      }}
    >
      <LinkIcon />
      <span class="share-text">{t('share.button')}</span>
    </button>
  )
}
