import { EditorView } from '@codemirror/view'

/** The line at the top of the view, counted from 0; a fraction says how much of it is above. */
export function topLine(view: EditorView): number {
  const height = view.scrollDOM.scrollTop - view.documentPadding.top
  const block = view.lineBlockAtHeight(Math.max(0, height))
  const above = (height - block.top) / Math.max(1, block.height)
  return view.state.doc.lineAt(block.from).number - 1 + Math.min(1, Math.max(0, above))
}

/** Scrolls so that a line, with its fraction, is at the top. */
export function showAtTop(view: EditorView, line: number): void {
  const { doc } = view.state
  const number = Math.min(doc.lines, Math.floor(line) + 1)
  const block = view.lineBlockAt(doc.line(number).from)
  view.scrollDOM.scrollTop =
    view.documentPadding.top + block.top + (line - Math.floor(line)) * block.height
}

/** A task's box in a line of Markdown, after any quotes. */
const BOX = /^(\s*(?:>\s*)*(?:[-*+]|\d+[.)])\s+\[)([ xX])\]/

/** Ticks or unticks the task in a line, counted from 0. */
export function toggleTask(view: EditorView, line: number): void {
  const { doc } = view.state
  if (view.state.readOnly || line < 0 || line >= doc.lines) return
  const { from, text } = doc.line(line + 1)
  const [, before, mark] = BOX.exec(text) ?? []
  if (before === undefined) return
  const at = from + before.length
  const insert = mark === ' ' ? 'x' : ' '
  view.dispatch({ changes: { from: at, to: at + 1, insert }, userEvent: 'input' })
}

/** Brings a position into view, and the caret to it if that is wanted. */
export function show(view: EditorView, index: number, move: boolean): void {
  const position = Math.min(index, view.state.doc.length)
  const effects = EditorView.scrollIntoView(position, { y: move ? 'start' : 'center', yMargin: 48 })
  view.dispatch(move ? { effects, selection: { anchor: position } } : { effects })
}
