import type { Peer } from '../sync/presence'

/** How long a name stays beside a caret that moved, in ms. */
const NAME_SHOWN = 2_000

/** When each person's caret was last seen elsewhere, to show the name only after a move. */
const lastMoves = new Map<string, { index: number; at: number }>()

function justMoved(peer: Peer): boolean {
  const index = peer.selection ? peer.selection.index + peer.selection.length : -1
  const last = lastMoves.get(peer.id)
  if (last?.index !== index) lastMoves.set(peer.id, { index, at: performance.now() })
  return performance.now() - (lastMoves.get(peer.id)?.at ?? 0) < NAME_SHOWN
}

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
  if (justMoved(peer)) {
    caret.classList.add('moved')
    setTimeout(() => caret.classList.remove('moved'), NAME_SHOWN)
  }
  // The joiners keep a line from breaking, or a word from being split, at the caret.
  caret.append('\u2060', flag, '\u2060')
  return caret
}

/** A selection in somebody's colour, light enough to read through. */
export const selectionStyle = (peer: Peer) => `--person:${peer.color}`
