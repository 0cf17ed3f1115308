import type { EditorView } from 'prosemirror-view'

/**
 * Brings the editor's selection up to the browser's, before a key or the
 * clipboard acts on it, or something is drawn that would put the browser's
 * back. A busy browser tells of a moved caret only after the keys pressed
 * meanwhile, which would act on where the caret was before.
 */
export function readSelection(view: EditorView): void {
  // Amid a word that is being composed, the browser owns the text and the caret.
  if (!view.isDestroyed && view.hasFocus() && !view.composing)
    document.dispatchEvent(new Event('selectionchange'))
}

function upToDate(view: EditorView, event: Event): boolean {
  if (!('isComposing' in event && event.isComposing)) readSelection(view)
  return false
}

/** ProseMirror's memory of when it got the focus, which it has no name for outside. */
interface Focused {
  readonly input?: { lastFocus: number }
}

/**
 * A key may move the caret: that is read before the editor, which was given the focus just now, puts its own back. For a
 * fifth of a second it would also take a caret at the very start for a slip of the browser.
 */
function keyPressed(view: EditorView, event: Event): boolean {
  const { input } = view as unknown as Focused
  if (input) input.lastFocus = 0
  setTimeout(() => readSelection(view))
  return upToDate(view, event)
}

export const selectionUpToDate = {
  keydown: keyPressed,
  beforeinput: upToDate,
  copy: upToDate,
  cut: upToDate,
  paste: upToDate,
}
