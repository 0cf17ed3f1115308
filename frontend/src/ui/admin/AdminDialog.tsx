import './admin.css'
import { useEffect, useState } from 'preact/hooks'
import { Dialog } from '../Dialog'
import { listSites, type Site } from './api'
import { Tokens } from './Tokens'
import { a } from './texts'

/** What those who look after the server can do in its pages. */
export function AdminDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={a('title')} class="admin" onClose={onClose}>
      <Tokens />
      <Sites />
    </Dialog>
  )
}

/** The sites that may embed documents. */
function Sites() {
  const [sites, setSites] = useState<readonly Site[] | null>(null)
  const [problem, setProblem] = useState('')
  useEffect(() => {
    listSites().then(setSites, (error: Error) => setProblem(error.message))
  }, [])
  return (
    <section>
      <h3>{a('sites')}</h3>
      <p class="hint">{a('sitesHint')}</p>
      {sites?.length === 0 && <p class="hint">{a('sitesNone')}</p>}
      <ul>
        {sites?.map((site) => (
          <li key={site.id}>
            <span class="who">
              <bdi>{site.name}</bdi>
              <span class="hint">
                {[site.origins.join(', '), site.documents?.join(', ') || a('allDocuments')].join(
                  ' · ',
                )}
              </span>
            </span>
          </li>
        ))}
      </ul>
      <p class="problem" role="alert">
        {problem}
      </p>
    </section>
  )
}
