import { TextSelection, type Transaction } from 'prosemirror-state'
import { type Delta, transformPosition } from '../../delta'
import { DeltaStep } from './delta-step'
import { indexOf, positionOf } from './positions'

/**
 * Performs a Delta on the editor's document, and leaves the user's selection, the formats of the next letter and the undo
 * history in place wherever the text around them stays.
 */
export function applyDelta(transaction: Transaction, delta: Delta): Transaction {
  const { doc, selection, storedMarks } = transaction
  transaction.step(DeltaStep.of(doc, delta))
  if (selection instanceof TextSelection) {
    const moved = (position: number) =>
      positionOf(transaction.doc, transformPosition(delta, indexOf(doc, position), true))
    keepSelection(transaction, moved(selection.anchor), moved(selection.head))
  }
  return storedMarks ? transaction.setStoredMarks(storedMarks) : transaction
}

/**
 * Puts the selection where the protocol has it: what somebody else writes exactly at the caret goes behind it, where the
 * editor by itself would push the caret along.
 */
function keepSelection(transaction: Transaction, anchor: number, head: number): void {
  const { selection } = transaction
  if (selection.anchor === anchor && selection.head === head) return
  transaction.setSelection(TextSelection.create(transaction.doc, anchor, head))
}
