import type { EditorView } from 'prosemirror-view'

/**
 * Brings the editor's selection up to the browser's before a key or the
 * clipboard acts on it. A busy browser tells of a moved caret only after the
 * keys pressed meanwhile, which would act on where the caret was before.
 */
function upToDate(view: EditorView, event: Event): boolean {
  // Amid a word that is being composed, the browser owns the text and the caret.
  const composing = view.composing || ('isComposing' in event && event.isComposing)
  if (view.hasFocus() && !composing) document.dispatchEvent(new Event('selectionchange'))
  return false
}

export const selectionUpToDate = {
  keydown: upToDate,
  beforeinput: upToDate,
  copy: upToDate,
  cut: upToDate,
  paste: upToDate,
}
