import { useEffect, useState } from 'preact/hooks'
import { t } from '../../i18n'
import { Dialog } from '../Dialog'
import type { DocumentPage } from '../document/page'

type Loaded = typeof import('../share/SharePanel')

/** The dialog about who has access, whose code is loaded when somebody opens it. */
export function Sharing({ page }: { page: DocumentPage }) {
  const [loaded, setLoaded] = useState<Loaded | null>(null)
  const [problem, setProblem] = useState('')
  const open = page.dialog.value === 'share'
  useEffect(() => {
    if (!open || loaded) return
    setProblem('')
    import('../share/SharePanel').then(setLoaded, () => setProblem(t('problem.unreachable')))
  }, [open, loaded])
  if (!open) return null
  const close = () => {
    page.dialog.value = null
  }
  return (
    <Dialog title={t('share.button')} class="sharing" onClose={close}>
      {loaded ? (
        <loaded.SharePanel page={page} />
      ) : (
        <p role="alert" aria-busy={!problem}>
          {problem}
        </p>
      )}
    </Dialog>
  )
}
