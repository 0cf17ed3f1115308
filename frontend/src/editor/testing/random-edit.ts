import { Fragment, type Node, Slice } from 'prosemirror-model'
import type { EditorState, Transaction } from 'prosemirror-state'
import type { Attributes } from '../../delta'
import type { Random } from '../../testing/random'
import { embedNode, lineNode } from '../prosemirror/content'
import { lengthOfDoc, positionOf } from '../prosemirror/positions'
import { marksOf, schema } from '../prosemirror/schema'

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
export function randomSpot(random: Random, doc: Node): number {
  return positionOf(doc, random.below(lengthOfDoc(doc)))
}

/** Something a user, a command or a paste may do. */
export function randomEdit(random: Random, state: EditorState): Transaction {
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
