import type { ChangeSet, ChangeSpec } from '@codemirror/state'
import {
  type Delta,
  DeltaBuilder,
  EMBED_CHARACTER,
  isDelete,
  isInsert,
  lengthOfOp,
} from '../../delta'

/** The Delta with the effect of an editor's changes. */
export function deltaOf(changes: ChangeSet): Delta {
  const delta = new DeltaBuilder()
  let at = 0
  changes.iterChanges((from, to, _newFrom, _newTo, inserted) => {
    delta.retain(from - at).insert(inserted.toString())
    delta.delete(to - from)
    at = to
  })
  return delta.build()
}

/** The editor's changes with the effect of a Delta on plain text; formatting is left alone. */
export function changesOf(delta: Delta): ChangeSpec[] {
  const changes: ChangeSpec[] = []
  let at = 0
  for (const op of delta) {
    if (isInsert(op)) {
      changes.push({
        from: at,
        insert: typeof op.insert === 'string' ? op.insert : EMBED_CHARACTER,
      })
      continue
    }
    const length = lengthOfOp(op)
    if (isDelete(op)) changes.push({ from: at, to: at + length })
    at += length
  }
  return changes
}
