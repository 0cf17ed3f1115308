import type { DocumentPage } from '../document/page'

/** Where F6 goes, in the order of the page. */
const REGIONS = '[data-region]'
const FOCUSABLE =
  '[contenteditable="true"], a[href], button:not([tabindex="-1"]), input, select:not([tabindex="-1"]), [tabindex="0"]'

const isVisible = (element: HTMLElement) => element.getClientRects().length > 0

function focusIn(region: HTMLElement): void {
  const inside = [...region.querySelectorAll<HTMLElement>(FOCUSABLE)].find(isVisible)
  ;(inside ?? region).focus()
}

/** Takes the focus to the next part of the page, or the one before. */
function cycle(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>(REGIONS)].filter(isVisible)
  const at = regions.findIndex((region) => region.contains(document.activeElement))
  const next = regions[(at + step + regions.length) % regions.length]
  if (next) focusIn(next)
}

const isField = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea'))

/** What the keys of the whole page do. Answers whether they did anything. */
function pressed(page: DocumentPage, event: KeyboardEvent, repeat: () => void): boolean {
  const { key, shiftKey, altKey } = event
  const mod = event.ctrlKey || event.metaKey
  if (page.dialog.value) return false
  if ((mod && shiftKey && key.toLowerCase() === 'p') || key === 'F1') {
    page.dialog.value = 'commands'
  } else if ((mod && key === '/') || (key === '?' && !isField(event.target))) {
    page.dialog.value = 'shortcuts'
  } else if (mod && shiftKey && event.code === 'KeyH') page.dialog.value = 'history'
  else if (mod && altKey && event.code === 'KeyO') page.toggleOutline()
  else if (mod && altKey && event.code === 'KeyR') repeat()
  else if (key === 'F6') cycle(shiftKey ? -1 : 1)
  else if (altKey && key === 'F10') focusToolbar()
  else if (key === 'Escape' && inToolbar(event.target)) page.focus()
  else return false
  return true
}

const inToolbar = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest('.toolbar') !== null && !target.closest('.card')

const focusToolbar = () => document.querySelector<HTMLElement>('.toolbar [tabindex="0"]')?.focus()

/** Makes Tab, right after Escape, leave the text: there it may mean something else, and the keyboard must not be caught. */
function leaving(): (event: KeyboardEvent) => void {
  let escaped = false
  return (event) => {
    if (escaped && event.key === 'Tab') event.stopPropagation() // the browser goes on to what is next
    if (event.key !== 'Shift') escaped = event.key === 'Escape' && isField(event.target)
  }
}

/** Listens for the page's own keys. `repeat` says again what others did. */
export function listenForKeys(page: DocumentPage, repeat: () => void): () => void {
  const leave = leaving()
  const listen = (event: KeyboardEvent) => {
    leave(event)
    if (!event.isComposing && pressed(page, event, repeat)) event.preventDefault()
  }
  addEventListener('keydown', listen, { capture: true })
  return () => removeEventListener('keydown', listen, { capture: true })
}
