import { history, undo } from '@codemirror/commands'
import { EditorState, Transaction, type TransactionSpec } from '@codemirror/state'
import { describe, expect, test } from 'vitest'
import { compose, type Delta, textOf } from '../../delta'
import { forSeeds, type Random, randomChange, randomContent } from '../../testing/random'
import { changesOf, deltaOf } from './delta'

const LONE = { lone: true }

function randomEdit(random: Random, state: EditorState): TransactionSpec {
  const edits = 1 + random.below(3)
  const spots = Array.from({ length: edits * 2 }, () => random.below(state.doc.length + 1)).sort(
    (a, b) => a - b,
  )
  const changes = Array.from({ length: edits }, (_, n) => ({
    from: spots[2 * n] as number,
    to: random.chance(0.5) ? (spots[2 * n] as number) : (spots[2 * n + 1] as number),
    insert: random.pick(['', 'a', 'b\n', '😀', '\ud83d', '\n\n']),
  }))
  return { changes }
}

describe('plain text binding', () => {
  test('what the user does becomes exactly the Delta of its effect', () => {
    forSeeds(400, (random) => {
      const state = EditorState.create({ doc: textOf(randomContent(random, LONE)) })
      const transaction = state.update(randomEdit(random, state))
      const delta = deltaOf(transaction.changes)
      const before: Delta = state.doc.length > 0 ? [{ insert: state.doc.toString() }] : []
      expect(textOf(compose(before, delta))).toBe(transaction.newDoc.toString())
    })
  })

  test('a Delta becomes exactly the change of its effect, with formats and embeds passed over', () => {
    const style = { rich: true, lone: true }
    forSeeds(400, (random) => {
      const content = randomContent(random, style)
      const change = randomChange(random, content, style)
      const state = EditorState.create({ doc: textOf(content) })
      const after = state.update({ changes: changesOf(change) }).newDoc
      expect(after.toString()).toBe(textOf(compose(content, change)))
    })
  })

  test('undo takes back own typing around a change by others', () => {
    let state = EditorState.create({ doc: 'one two', extensions: [history()] })
    state = state.update({ changes: { from: 3, insert: '!' }, userEvent: 'input' }).state
    const annotations = Transaction.addToHistory.of(false)
    state = state.update({ changes: changesOf([{ insert: 'zero ' }]), annotations }).state
    expect(state.doc.toString()).toBe('zero one! two')
    undo({
      state,
      dispatch: (transaction) => {
        state = transaction.state
      },
    })
    expect(state.doc.toString()).toBe('zero one two')
  })
})
