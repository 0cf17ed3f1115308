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

/** A key may move the caret: that is read before the editor, which was given the focus just now, puts its own back. */
function keyPressed(view: EditorView, event: Event): boolean {
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
