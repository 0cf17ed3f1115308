import { useState } from 'preact/hooks'
import { t } from '../i18n'
import { root } from '../place'
import { pageOf } from './address'
import { createDocument } from './api'
import { Mark } from './icons'

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
    <main class="missing">
      <a href={root} class="home" aria-label={t('app.home')}>
        <Mark />
      </a>
      <h1>{t(deleted ? 'missing.deletedHeading' : 'missing.heading')}</h1>
      <p>{t(deleted ? 'missing.deletedText' : 'missing.text')}</p>
      <p class="actions">
        <button type="button" class="button primary" onClick={create}>
          {t('missing.new')}
        </button>
        <a class="button" href={root}>
          {t('missing.start')}
        </a>
      </p>
      <p class="problem" role="alert">
        {problem}
      </p>
    </main>
  )
}
