import type { Peer } from '../sync/presence'

/** How long a name stays beside a caret that moved, in ms. */
const NAME_SHOWN = 2_000

/** Somebody else's caret with a name flag. Screen readers get the list of people instead. */
export function caretElement(peer: Peer): HTMLElement {
  const caret = document.createElement('span')
  caret.className = 'remote-caret'
  caret.dataset.name = peer.name
  caret.style.setProperty('--person', peer.color)
  caret.setAttribute('aria-hidden', 'true')
  const flag = document.createElement('span')
  flag.className = 'remote-caret-name'
  flag.textContent = peer.name
  const left = peer.movedAt + NAME_SHOWN - performance.now()
  if (left > 0) {
    caret.classList.add('moved')
    setTimeout(() => caret.classList.remove('moved'), left)
  }
  caret.append(flag)
  return caret
}

/** Two carets of which the page needs to draw only one. Where they are does not matter. */
export const sameCaret = (a: Peer, b: Peer) =>
  a.id === b.id && a.name === b.name && a.color === b.color && a.movedAt === b.movedAt

/** A selection in somebody's colour, light enough to read through. */
export const selectionStyle = (peer: Peer) => `--person:${peer.color}`
