import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { t } from '../../i18n'
import { Dialog } from '../Dialog'
import type { DocumentPage } from '../document/page'

type Loaded = typeof import('../history')

/** The history and what comes from it, loaded when somebody looks at it or there is something new. */
export function History({ page }: { page: DocumentPage }) {
  const [loaded, setLoaded] = useState<Loaded | null>(null)
  const editor = page.rich.value ?? page.plain.value
  const open = page.dialog.value === 'history'
  const news = page.news.value
  const opener = useRef<Element | null>(null)
  const needed = open || page.authors.value || news !== null
  const close = () => {
    page.dialog.value = null
  }
  // The focus goes back to where it was before the first of the dialogs opened.
  if (open) opener.current ??= document.activeElement
  useLayoutEffect(() => {
    if (open) return
    ;(opener.current as HTMLElement | null)?.focus()
    opener.current = null
  }, [open])
  useEffect(() => {
    if (!needed || loaded) return
    import('../history').then(setLoaded, () => {
      page.problem.value = t('problem.unreachable')
      page.authors.value = false
      page.news.value = null
      if (page.dialog.value === 'history') page.dialog.value = null
    })
  }, [needed, loaded, page])
  if (!needed || !editor) return null
  if (!loaded) {
    // Keys that are pressed meanwhile must not change the text.
    return open ? (
      <Dialog title={t('history.title')} onClose={close}>
        <p aria-busy="true">…</p>
      </Dialog>
    ) : null
  }
  return (
    <>
      {open && <loaded.HistoryDialog page={page} onClose={close} />}
      {page.authors.value && <loaded.AuthorsBar page={page} editor={editor} />}
      {news && <loaded.NewsBar page={page} editor={editor} news={news} />}
    </>
  )
}
