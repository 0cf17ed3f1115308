import { effect } from '@preact/signals'
import type { PlainEditor } from '../../editor/codemirror'
import { Preview } from '../../preview'
import { keepInStep } from './in-step'
import type { DocumentPage } from './page'

/** Least rest between two drawings, in ms. */
const REST = 60
/** What takes longer than this, in ms, waits until the user has paused for so long. */
const SLOW = 20
const PAUSE = 400

/**
 * Shows each change of the text soon; a long text only in the pauses of typing, so that it holds up no key.
 * Call what it returns to end.
 */
export function drawPreview(
  page: DocumentPage,
  editor: PlainEditor,
  scroller: HTMLElement,
  paper: HTMLElement,
): () => void {
  const preview = new Preview(scroller, paper, (line) => editor.toggleTask(line))
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
