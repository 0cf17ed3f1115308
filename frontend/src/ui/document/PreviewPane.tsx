import { effect } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { PlainEditor } from '../../editor/codemirror'
import { t } from '../../i18n'
import type { Preview } from '../../preview'
import { ReadIcon, SplitIcon, WriteIcon } from '../icons'
import type { MarkdownView } from '../settings/settings'
import { keepInStep } from './in-step'
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

/** Least rest between two drawings, in ms. */
const REST = 60
/** What takes longer than this, in ms, waits until the user has paused for so long. */
const SLOW = 20
const PAUSE = 400

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
    import('../../preview').then(
      ({ Preview }) => {
        if (closed || !scroller.current || !page.current) return
        const tick = (line: number) => editor.toggleTask(line)
        const preview = new Preview(scroller.current, page.current, tick)
        close = follow(document, editor, preview)
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

/** Shows each change of the text soon; a long text only in the pauses of typing, so that it holds up no key. */
function follow(page: DocumentPage, editor: PlainEditor, preview: Preview): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let took = 0
  let rest = 0
  const draw = () => {
    timer = undefined
    const start = performance.now()
    preview.show(editor.text())
    took = performance.now() - start
    rest = took > SLOW ? PAUSE : REST
  }
  const unlisten = page.onTyped(() => {
    if (took <= SLOW) return
    clearTimeout(timer)
    timer = setTimeout(draw, PAUSE)
  })
  const stop = effect(() => {
    if (editor.changes.value >= 0) timer ??= setTimeout(draw, rest)
  })
  const part = keepInStep(
    {
      element: editor.scroller,
      topLine: () => editor.topLine(),
      showAtTop: (line) => editor.showAtTop(line),
    },
    {
      element: preview.scroller,
      topLine: () => preview.topLine(),
      showAtTop: (line) => preview.showAtTop(line),
    },
  )
  return () => {
    clearTimeout(timer)
    unlisten()
    stop()
    part()
  }
}
