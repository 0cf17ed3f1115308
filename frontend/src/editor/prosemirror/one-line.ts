import type { Node } from 'prosemirror-model'
import { Plugin, type Transaction } from 'prosemirror-state'

/**
 * Cuts a line wherever a newline got into its text, by whatever way the
 * browser put it there: inside a text it would be one line here and two in the
 * Delta, and every position after it would be wrong.
 */
export const oneLine = new Plugin({
  appendTransaction(transactions, before, after) {
    if (!transactions.some((transaction) => transaction.docChanged)) return null
    const breaks = breaksIn(before.doc, after.doc)
    return breaks.length > 0 ? cut(after.tr, breaks) : null
  },
})

function cut(tr: Transaction, breaks: readonly number[]): Transaction {
  // From the end, so that positions before stay right.
  for (const position of [...breaks].reverse()) tr.delete(position, position + 1).split(position)
  return tr
}

/** Positions of newlines in the lines that are not the same object as before. */
function breaksIn(before: Node, after: Node): number[] {
  const breaks: number[] = []
  let position = 0
  let first = 0
  const most = Math.min(before.childCount, after.childCount)
  while (first < most && before.child(first) === after.child(first)) {
    position += after.child(first).nodeSize
    first++
  }
  let last = after.childCount
  let old = before.childCount
  while (last > first && old > first && before.child(old - 1) === after.child(last - 1)) {
    last--
    old--
  }
  for (let n = first; n < last; n++) {
    const line = after.child(n)
    collect(line, position + 1, breaks)
    position += line.nodeSize
  }
  return breaks
}

function collect(line: Node, start: number, breaks: number[]): void {
  line.forEach((node, offset) => {
    for (const match of (node.text ?? '').matchAll(/[\r\n]/g)) {
      breaks.push(start + offset + match.index)
    }
  })
}
