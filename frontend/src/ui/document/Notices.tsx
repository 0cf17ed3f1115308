import { t } from '../../i18n'
import { update, updateWaits } from '../offline'
import { Away } from './Away'
import { CopyButton } from './copy'
import type { DocumentPage } from './page'

/** What the user must know: text that could not be stored, whatever else did not work, what happened meanwhile. */
export function Notices({ page }: { page: DocumentPage }) {
  const refusals = page.refusals.value
  const problem = page.problem.value
  return (
    <div class="notices" role="alert">
      {refusals.length > 0 && (
        <div class="notice">
          <p>{t('refused.kept', { reason: reason(refusals[0]?.error.code) })}</p>
          <CopyButton text={refusals.map(({ text }) => text).join('\n')}>
            {t('refused.copy')}
          </CopyButton>
          <button type="button" class="button" onClick={() => page.dismissRefusals()}>
            {t('refused.dismiss')}
          </button>
        </div>
      )}
      {[problem, page.notice.value].map(
        (sentence) =>
          sentence && (
            <div class="notice" key={sentence}>
              <p dir="auto">{sentence}</p>
            </div>
          ),
      )}
      <Away page={page} />
      {updateWaits.value && (
        <div class="notice calm">
          <p>{t('update.ready')}</p>
          <button type="button" class="button" onClick={update}>
            {t('update.reload')}
          </button>
        </div>
      )}
    </div>
  )
}

function reason(code: string | undefined): string {
  switch (code) {
    case 'ERR_OP_SUBMIT_REJECTED':
      return t('refused.readonly')
    case 'ERR_MESSAGE_TOO_LARGE':
      return t('refused.tooLarge')
    case 'ERR_DOC_WAS_DELETED':
      return t('refused.deleted')
    default:
      return t('refused.other', { code: code ?? '–' })
  }
}
