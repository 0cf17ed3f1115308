import { defineLanguageFacet, Language } from '@codemirror/language'
import type { EditorState, Extension, TransactionSpec } from '@codemirror/state'
import { type EditorView, keymap } from '@codemirror/view'
import { GFM, parser } from '@lezer/markdown'
import { FORMATS } from './markdown-format'

/**
 * The parser alone: the ready-made language package brings the HTML, CSS and
 * JavaScript grammars with it, half as much again as the whole editor.
 */
const language = new Language(defineLanguageFacet(), parser.configure([GFM]), [], 'markdown')

/** The start of a list or quote line: indent, marker, check box. */
const MARKER = /^(\s*)(>|[-*+]|(\d+)([.)]))(\s+)(\[[ xX]\]\s+)?/

/** Carries a list or quote on to the next line; on an empty item it ends the list instead. */
function continueList(state: EditorState): TransactionSpec | null {
  const { main } = state.selection
  const line = state.doc.lineAt(main.head)
  const match = MARKER.exec(line.text)
  if (!match || !main.empty || main.head < line.from + match[0].length) return null
  if (match[0].length === line.text.length) {
    return { changes: { from: line.from, to: line.to }, userEvent: 'input' }
  }
  const [, indent = '', bullet = '', number, closing = '', space = ' ', box] = match
  const marker = number ? `${Number(number) + 1}${closing}` : bullet
  const insert = `\n${indent}${marker}${space}${box ? '[ ] ' : ''}`
  return {
    changes: { from: main.head, insert },
    selection: { anchor: main.head + insert.length },
    scrollIntoView: true,
    userEvent: 'input',
  }
}

function enter(view: EditorView): boolean {
  const spec = view.state.readOnly ? null : continueList(view.state)
  if (spec) view.dispatch(spec)
  return spec !== null
}

const keys = keymap.of([
  { key: 'Enter', run: enter },
  { key: 'Mod-b', run: FORMATS.bold },
  { key: 'Mod-i', run: FORMATS.italic },
  { key: 'Mod-e', run: FORMATS.code },
  { key: 'Mod-k', run: FORMATS.link },
])

export const markdown: Extension = [language, keys]
