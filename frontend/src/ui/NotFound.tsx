import { useState } from 'preact/hooks'
import { t } from '../i18n'
import { pageOf } from './address'
import { createDocument } from './api'
import { Instead } from './Instead'

/** What stands where a document should be. */
export function NotFound({ deleted }: { deleted?: boolean }) {
  const [problem, setProblem] = useState('')
  const create = async () => {
    try {
      const { id } = await createDocument('rich')
      location.assign(pageOf(id))
    } catch (error) {
      setProblem((error as Error).message)
    }
  }
  return (
    <Instead
      heading={t(deleted ? 'missing.deletedHeading' : 'missing.heading')}
      text={t(deleted ? 'missing.deletedText' : 'missing.text')}
      problem={problem}
    >
      <button type="button" class="button primary" onClick={create}>
        {t('missing.new')}
      </button>
    </Instead>
  )
}
