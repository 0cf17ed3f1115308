import type { DocumentPage } from '../document/page'

/**
 * Puts the whole text on paper. A rich document is printed as it stands; of the others only the part in view is in the page,
 * so that a copy takes their place: the preview where it is open, else the text.
 */
export function preparePrinting(page: DocumentPage): () => void {
  let copy: HTMLElement | null = null
  const before = () => {
    const editor = page.plain.value
    if (!editor) return
    const preview = document.querySelector<HTMLElement>('.preview:not([hidden]) .preview-page')
    copy = preview ? (preview.cloneNode(true) as HTMLElement) : document.createElement('pre')
    if (!preview) copy.textContent = editor.text()
    copy.classList.add('printout')
    document.body.append(copy)
  }
  const after = () => copy?.remove()
  addEventListener('beforeprint', before)
  addEventListener('afterprint', after)
  return () => {
    removeEventListener('beforeprint', before)
    removeEventListener('afterprint', after)
  }
}
