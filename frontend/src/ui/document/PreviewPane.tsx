import { useEffect, useRef, useState } from 'preact/hooks'
import type { PlainEditor } from '../../editor/codemirror'
import { t } from '../../i18n'
import { ReadIcon, SplitIcon, WriteIcon } from '../icons'
import type { MarkdownView } from '../settings/settings'
import type { DocumentPage } from './page'
import { look, markdownView, wide } from './view'

const ICONS = { write: WriteIcon, split: SplitIcon, read: ReadIcon }

/** Chooses between source, preview, and both where there is room. */
export function ViewSwitch() {
  const views = (wide.value ? ['write', 'split', 'read'] : ['write', 'read']) as MarkdownView[]
  return (
    <fieldset class="switch" aria-label={t('preview.view')}>
      {views.map((view) => {
        const Icon = ICONS[view]
        return (
          <button
            key={view}
            type="button"
            class="tool"
            tabIndex={-1}
            aria-pressed={markdownView.value === view}
            aria-label={t(`preview.${view}`)}
            title={t(`preview.${view}`)}
            onClick={() => look(view)}
          >
            <Icon />
          </button>
        )
      })}
    </fieldset>
  )
}

interface PreviewPaneProps {
  page: DocumentPage
  editor: PlainEditor
}

/** The document as it reads, drawn anew soon after each change. */
export function PreviewPane({ page: document, editor }: PreviewPaneProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const page = useRef<HTMLDivElement>(null)
  const [failed, setFailed] = useState(false)
  const hidden = markdownView.value === 'write'
  useEffect(() => {
    if (hidden) return
    let close = () => {}
    let closed = false
    import('./draw-preview').then(
      ({ drawPreview }) => {
        if (closed || !scroller.current || !page.current) return
        close = drawPreview(document, editor, scroller.current, page.current)
      },
      () => setFailed(true),
    )
    return () => {
      closed = true
      close()
      page.current?.replaceChildren()
    }
  }, [document, editor, hidden])
  return (
    <section class="preview" data-region="preview" aria-label={t('preview.label')} hidden={hidden}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard */}
      <div class="preview-scroll" ref={scroller} tabIndex={0}>
        <div class="preview-page" ref={page} />
        {failed && <p class="problem">{t('preview.failed')}</p>}
      </div>
    </section>
  )
}
