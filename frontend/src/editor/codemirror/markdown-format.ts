import { EditorSelection, type StateCommand } from '@codemirror/state'

/** Puts marks around the selection, or takes them away if they are there already. */
const toggleMarks =
  (mark: string): StateCommand =>
  ({ state, dispatch }) => {
    if (state.readOnly) return false
    const length = mark.length
    const change = state.changeByRange(({ from, to }) => {
      const around =
        state.sliceDoc(from - length, from) === mark && state.sliceDoc(to, to + length) === mark
      if (around) {
        return {
          changes: [
            { from: from - length, to: from },
            { from: to, to: to + length },
          ],
          range: EditorSelection.range(from - length, to - length),
        }
      }
      return {
        changes: [
          { from, insert: mark },
          { from: to, insert: mark },
        ],
        range: EditorSelection.range(from + length, to + length),
      }
    })
    dispatch(state.update(change, { scrollIntoView: true, userEvent: 'input' }))
    return true
  }

/** What may stand at the start of a line and make it something. */
const MARKER = /^(#{1,6}\s+|>\s?|[-*+]\s+(?:\[[ xX]\]\s+)?|\d+[.)]\s+)/

/** Begins the selected lines with a marker in place of what they begin with, or with nothing if all have it. */
const toggleLines =
  (marker: string): StateCommand =>
  ({ state, dispatch }) => {
    if (state.readOnly) return false
    const { from, to } = state.selection.main
    const first = state.doc.lineAt(from).number
    const last = state.doc.lineAt(to).number
    const lines = Array.from({ length: last - first + 1 }, (_, n) => state.doc.line(first + n))
    const all = lines.every(({ text }) => text.startsWith(marker))
    const changes = lines.map(({ from: start, text }) => {
      const [had = ''] = MARKER.exec(text) ?? []
      return { from: start, to: start + had.length, insert: all ? '' : marker }
    })
    dispatch(state.update({ changes, scrollIntoView: true, userEvent: 'input' }))
    return true
  }

/** Makes a link of the selection, with the caret where its address goes. */
const insertLink: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false
  const { from, to } = state.selection.main
  const text = state.sliceDoc(from, to)
  const address = from + text.length + 3
  dispatch(
    state.update({
      changes: { from, to, insert: `[${text}](https://)` },
      selection: text ? { anchor: address, head: address + 8 } : { anchor: from + 1 },
      scrollIntoView: true,
      userEvent: 'input',
    }),
  )
  return true
}

/** What the tools for Markdown do. */
export const FORMATS = {
  heading: toggleLines('## '),
  bold: toggleMarks('**'),
  italic: toggleMarks('*'),
  code: toggleMarks('`'),
  link: insertLink,
  bullet: toggleLines('- '),
  ordered: toggleLines('1. '),
  check: toggleLines('- [ ] '),
  blockquote: toggleLines('> '),
} as const

export type MarkdownFormat = keyof typeof FORMATS
