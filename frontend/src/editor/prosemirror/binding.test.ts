import { history, redo, undo } from 'prosemirror-history'
import type { Node } from 'prosemirror-model'
import { EditorState, TextSelection, type Transaction } from 'prosemirror-state'
import { describe, expect, test } from 'vitest'
import {
  compose,
  type Delta,
  DeltaBuilder,
  isInsert,
  lengthOf,
  transformPosition,
} from '../../delta'
import { forSeeds, randomChange, randomContent } from '../../testing/random'
import { randomEdit, randomSpot } from '../testing/random-edit'
import { applyDelta } from './apply'
import { contentOf, docOf } from './content'
import { indexOf, lengthOfDoc, positionOf } from './positions'
import { schema } from './schema'
import { deltaOf } from './steps'

const STYLE = { rich: true, keepLast: true, lone: true }

/** Content in normal form; a null attribute is none. */
function tidy(content: Delta): Delta {
  const builder = new DeltaBuilder()
  for (const op of content) {
    if (!isInsert(op)) continue
    const kept = Object.entries(op.attributes ?? {}).filter(([, value]) => value !== null)
    builder.insert(op.insert, kept.length > 0 ? Object.fromEntries(kept) : undefined)
  }
  return builder.build()
}

const stateFor = (content: Delta) =>
  EditorState.create({ doc: docOf(content), plugins: [history({ newGroupDelay: 0 })] })

describe('content', () => {
  test('goes through the editor unharmed, unknown attributes and embeds too', () => {
    forSeeds(500, (random) => {
      const content = tidy(randomContent(random, STYLE))
      expect(contentOf(docOf(content))).toEqual(content)
    })
  })

  test('positions and indexes answer each other', () => {
    forSeeds(200, (random) => {
      const content = tidy(randomContent(random, STYLE))
      const doc = docOf(content)
      for (let index = 0; index < lengthOf(content); index++) {
        expect(indexOf(doc, positionOf(doc, index))).toBe(index)
      }
    })
  })
})

describe('changes by others', () => {
  test('have exactly the effect of the Delta', () => {
    forSeeds(500, (random) => {
      const content = tidy(randomContent(random, STYLE))
      const change = randomChange(random, content, STYLE)
      const state = stateFor(content)
      const after = state.apply(applyDelta(state.tr, change))
      expect(contentOf(after.doc)).toEqual(tidy(compose(content, change)))
      after.doc.check()
    })
  })

  test('move positions as the protocol does', () => {
    forSeeds(300, (random) => {
      const content = tidy(randomContent(random, STYLE))
      const change = randomChange(random, content, STYLE)
      const state = stateFor(content)
      const { doc, mapping } = applyDelta(state.tr, change)
      for (let index = 0; index < lengthOf(content); index++) {
        const position = positionOf(state.doc, index)
        for (const stay of [true, false]) {
          const moved = indexOf(doc, mapping.map(position, stay ? -1 : 1))
          expect(moved).toBe(transformPosition(change, index, stay))
        }
      }
    })
  })

  test('may add lines after the final newline', () => {
    forSeeds(300, (random) => {
      const content = tidy(randomContent(random, STYLE))
      const added = tidy(randomContent(random, STYLE))
      const change = [{ retain: lengthOf(content) }, ...added]
      const state = stateFor(content)
      const after = state.apply(applyDelta(state.tr, change))
      expect(contentOf(after.doc)).toEqual(tidy(compose(content, change)))
    })
  })

  test('leave every line that they do not touch the object that it was', () => {
    const state = stateFor([{ insert: 'one\ntwo\nthree\nfour\nfive\n' }])
    const change = [{ insert: 'a' }, { retain: 4 }, { delete: 1 }, { retain: 9 }, { insert: 'b\n' }]
    const { doc } = state.apply(applyDelta(state.tr, change))
    expect(contentOf(doc)).toEqual([{ insert: 'aone\nwo\nthree\nb\nfour\nfive\n' }])
    expect(doc.child(2)).toBe(state.doc.child(2))
    expect(doc.child(5)).toBe(state.doc.child(4))
  })

  test('leave the format in place that the user has chosen for the next letter', () => {
    const state = stateFor([{ insert: 'one\n' }])
    const bold = state.apply(state.tr.addStoredMark(schema.mark('bold')))
    const after = bold.apply(applyDelta(bold.tr, [{ retain: 2 }, { insert: 'r' }]))
    expect(after.storedMarks?.map(({ type }) => type.name)).toEqual(['bold'])
  })

  test('may change the attributes of the final newline', () => {
    const content = [{ insert: 'a\n' }]
    const state = stateFor(content)
    const change = [{ retain: 1 }, { retain: 1, attributes: { header: 1 } }]
    const after = state.apply(applyDelta(state.tr, change))
    expect(contentOf(after.doc)).toEqual(compose(content, change))
  })

  test('leave the caret where the user had it', () => {
    const state = stateFor([{ insert: 'one two\n' }])
    const caret = state.apply(state.tr.setSelection(TextSelection.create(state.doc, 5)))
    const bold = caret.apply(applyDelta(caret.tr, [{ retain: 7, attributes: { bold: true } }]))
    expect(bold.selection.head).toBe(5)
    const heading = bold.apply(
      applyDelta(bold.tr, [{ retain: 7 }, { retain: 1, attributes: { header: 1 } }]),
    )
    expect(heading.selection.head).toBe(5)
    const before = heading.apply(applyDelta(heading.tr, [{ insert: 'new\n' }]))
    expect(before.selection.head).toBe(10)
  })

  test('by somebody else exactly at the caret go behind it', () => {
    const state = stateFor([{ insert: 'one two\n' }])
    const caret = state.apply(state.tr.setSelection(TextSelection.create(state.doc, 5)))
    const typed = caret.apply(applyDelta(caret.tr, [{ retain: 4 }, { insert: 'or ' }]))
    expect(typed.selection.head).toBe(5)
    const split = caret.apply(applyDelta(caret.tr, [{ retain: 4 }, { insert: '\n' }]))
    expect(split.selection.head).toBe(5)
  })
})

describe('changes by the user', () => {
  test('become exactly the Delta of their effect', () => {
    forSeeds(800, (random) => {
      let state = stateFor(tidy(randomContent(random, STYLE)))
      for (let n = 0; n < 4; n++) {
        const before = contentOf(state.doc)
        const transaction = randomEdit(random, state)
        const delta = deltaOf(transaction)
        expect(tidy(compose(before, delta))).toEqual(contentOf(transaction.doc))
        expectFinalNewlineKept(before, delta)
        state = state.apply(transaction)
      }
    })
  })

  test('typing a letter inside a run of it says which one', () => {
    const state = stateFor([{ insert: 'aaaa\n' }])
    expect(deltaOf(state.tr.insertText('a', 3))).toEqual([{ retain: 2 }, { insert: 'a' }])
  })

  test('undo takes back own changes only', () => {
    forSeeds(300, (random) => {
      let state = stateFor(tidy(randomContent(random, { keepLast: true })))
      const start = lettersIn(state.doc)
      for (let n = 0; n < 5; n++) {
        state = state.apply(state.tr.insertText('Q', randomSpot(random, state.doc)))
        const index = random.below(lengthOfDoc(state.doc))
        const remote = applyDelta(state.tr, insertAt(index, 'R'))
        state = state.apply(remote.setMeta('addToHistory', false))
      }
      const keep = (transaction: Transaction) => {
        state = state.apply(transaction)
      }
      for (let n = 0; n < 5; n++) undo(state, keep)
      expect(lettersIn(state.doc)).toEqual({ own: start.own, remote: start.remote + 5 })
      for (let n = 0; n < 5; n++) redo(state, keep)
      expect(lettersIn(state.doc)).toEqual({ own: start.own + 5, remote: start.remote + 5 })
    })
  })
})

const insertAt = (index: number, text: string): Delta =>
  index > 0 ? [{ retain: index }, { insert: text }] : [{ insert: text }]

function lettersIn(doc: Node) {
  const text = doc.textContent
  return { own: text.split('Q').length - 1, remote: text.split('R').length - 1 }
}

/** No delete may cover the last position: two such in flight would leave no final newline. */
function expectFinalNewlineKept(before: Delta, delta: Delta): void {
  let at = 0
  for (const op of delta) {
    if ('retain' in op) at += op.retain
    if ('delete' in op) {
      at += op.delete
      expect(at).toBeLessThan(lengthOf(before))
    }
  }
}
