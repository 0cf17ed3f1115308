import { type Delta, isDelete, isInsert, lengthOfOp } from '../delta'
import type { Selection } from '../sync/presence'

/** What a change put in, as places in the text after it. */
export function insertedBy(change: Delta): Selection[] {
  const places: Selection[] = []
  let index = 0
  for (const op of change) {
    if (isDelete(op)) continue
    const length = lengthOfOp(op)
    if (isInsert(op)) places.push({ index, length })
    index += length
  }
  return places
}
