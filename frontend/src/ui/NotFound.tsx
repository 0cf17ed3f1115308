import { useState } from 'preact/hooks'
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
      <a href="/" class="home" aria-label="Quire, start page">
        <Mark />
      </a>
      <h1>{deleted ? 'This document was deleted' : 'There is no document at this address'}</h1>
      <p>
        {deleted
          ? 'Somebody deleted it. If that was a mistake, ask whoever runs this server for a backup.'
          : 'The link may be incomplete, or the document was deleted.'}
      </p>
      <p class="actions">
        <button type="button" class="button primary" onClick={create}>
          New document
        </button>
        <a class="button" href="/">
          Start page
        </a>
      </p>
      <p class="problem" role="alert">
        {problem}
      </p>
    </main>
  )
}
