import { history, redo, undo } from 'prosemirror-history'
import { Fragment, type Node, Slice } from 'prosemirror-model'
import { EditorState, TextSelection, type Transaction } from 'prosemirror-state'
import { describe, expect, test } from 'vitest'
import { type Attributes, compose, type Delta, DeltaBuilder, isInsert, lengthOf } from '../../delta'
import { forSeeds, type Random, randomChange, randomContent } from '../../testing/random'
import { applyDelta } from './apply'
import { contentOf, docOf, embedNode, lineNode } from './content'
import { indexOf, positionOf } from './positions'
import { marksOf, schema } from './schema'
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

const LINE_FORMATS: readonly Attributes[] = [
  {},
  { header: 2 },
  { list: 'bullet' },
  { list: 'ordered', indent: 2 },
  { 'code-block': true },
]

function randomLines(random: Random): Node[] {
  return Array.from({ length: 1 + random.below(3) }, () =>
    lineNode(
      random.pick(LINE_FORMATS),
      random.chance(0.7) ? [schema.text(random.pick(['ab', 'ba', '😀']))] : [],
    ),
  )
}

/** Positions where text may be. */
function randomSpot(random: Random, doc: Node): number {
  return positionOf(doc, random.below(contentLength(doc)))
}

const contentLength = (doc: Node) => lengthOf(contentOf(doc))

/** Something a user, a command or a paste may do. */
function randomEdit(random: Random, state: EditorState): Transaction {
  const { tr, doc } = state
  const a = randomSpot(random, doc)
  const b = randomSpot(random, doc)
  const from = Math.min(a, b)
  const to = random.chance(0.5) ? from : Math.max(a, b)
  const lineStart = doc.resolve(from).before(1)
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return tr.replaceWith(
        from,
        to,
        schema.text(
          random.pick(['a', 'b', '😀', 'ab']),
          marksOf(random.chance(0.3) ? { bold: true } : undefined),
        ),
      )
    case 3:
      return tr.delete(from, to)
    case 4:
      return tr.split(from, 1, [
        { type: schema.nodes.line, attrs: { format: random.pick(LINE_FORMATS) } },
      ])
    case 5:
      return lineStart > 0 ? tr.join(lineStart) : tr
    case 6:
      return tr.setNodeAttribute(lineStart, 'format', random.pick(LINE_FORMATS))
    case 7:
      return tr.addMark(
        from,
        Math.max(a, b),
        random.pick(marksOf({ bold: true, italic: true, link: 'https://a.b', 'x-y': 1 })),
      )
    case 8:
      return tr.removeMark(from, Math.max(a, b), schema.marks.bold)
    case 9:
      return tr.replace(from, to, new Slice(Fragment.from(randomLines(random)), 1, 1))
    case 10:
      return tr.replaceWith(
        random.chance(0.5) ? lineStart : doc.content.size,
        doc.content.size,
        randomLines(random),
      )
    default:
      return random.chance(0.5)
        ? tr.insert(from, embedNode({ image: 'https://a.b/c.png' }, undefined))
        : tr.setNodeMarkup(lineStart, null, { format: random.pick(LINE_FORMATS) })
  }
}

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
        const index = random.below(contentLength(state.doc))
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
