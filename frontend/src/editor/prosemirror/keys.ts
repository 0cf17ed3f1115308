import {
  baseKeymap,
  chainCommands,
  deleteSelection,
  joinBackward,
  selectNodeBackward,
} from 'prosemirror-commands'
import { redo, undo } from 'prosemirror-history'
import { undoInputRule } from 'prosemirror-inputrules'
import { keymap } from 'prosemirror-keymap'
import type { Command, Plugin } from 'prosemirror-state'
import type { Attributes } from '../../delta'
import {
  blockOf,
  indentBy,
  toggleBlock,
  toggleInline,
  toggleSelectedCheck,
  withBlock,
} from './format'
import { isCheck } from './line-dom'
import { formatOf, schema } from './schema'

/** What a new line begins as when Enter is pressed at the end of this one. */
function formatAfter(format: Attributes, atEnd: boolean): Attributes {
  if (typeof format.header === 'number' && atEnd) return withBlock(format, 'paragraph')
  if (isCheck(format.list)) return { ...format, list: 'unchecked' }
  return format
}

/** Enter: an empty list, quote or code line becomes plain; otherwise the line is cut in two. */
const enter: Command = (state, dispatch) => {
  const { $from, empty } = state.selection
  const line = $from.parent
  if (line.type !== schema.nodes.line) return false
  const format = formatOf(line)
  if (empty && line.content.size === 0 && blockOf(format) !== 'paragraph') {
    return toggleBlock('paragraph')(state, dispatch)
  }
  const { tr } = state
  if (!empty) tr.deleteSelection()
  const { $from: cut } = tr.selection
  const atEnd = cut.parentOffset === cut.parent.content.size
  const next = formatAfter(formatOf(cut.parent), atEnd)
  tr.split(cut.pos, 1, [{ type: schema.nodes.line, attrs: { format: next } }])
  dispatch?.(tr.scrollIntoView())
  return true
}

/** Backspace at the start of a list, quote, heading or code line makes it plain first. */
const plainFirst: Command = (state, dispatch) => {
  const { $from, empty } = state.selection
  if (!empty || $from.parentOffset > 0) return false
  if (blockOf(formatOf($from.parent)) === 'paragraph') return false
  return toggleBlock('paragraph')(state, dispatch)
}

const insertTab: Command = (state, dispatch) => {
  if (!formatOf(state.selection.$from.parent)['code-block']) return false
  dispatch?.(state.tr.insertText('  ').scrollIntoView())
  return true
}

const backspace = chainCommands(
  undoInputRule,
  deleteSelection,
  plainFirst,
  joinBackward,
  selectNodeBackward,
)

/** What opens something beside the text. */
export interface Openers {
  /** Asks the user for an address. */
  askForLink(): void
  find(): void
}

export function keys(open: Openers): Plugin[] {
  return [
    keymap({
      'Mod-z': undo,
      'Mod-y': redo,
      'Shift-Mod-z': redo,
      'Mod-b': toggleInline('bold'),
      'Mod-i': toggleInline('italic'),
      'Mod-u': toggleInline('underline'),
      'Mod-e': toggleInline('code'),
      'Shift-Mod-x': toggleInline('strike'),
      'Mod-k': () => {
        open.askForLink()
        return true
      },
      'Mod-f': () => {
        open.find()
        return true
      },
      'Mod-Alt-0': toggleBlock('paragraph'),
      'Mod-Alt-1': toggleBlock('header-1'),
      'Mod-Alt-2': toggleBlock('header-2'),
      'Mod-Alt-3': toggleBlock('header-3'),
      'Mod-Alt-4': toggleBlock('header-4'),
      'Mod-Alt-5': toggleBlock('header-5'),
      'Mod-Alt-6': toggleBlock('header-6'),
      'Shift-Mod-7': toggleBlock('ordered'),
      'Shift-Mod-8': toggleBlock('bullet'),
      'Shift-Mod-9': toggleBlock('check'),
      'Mod-Enter': toggleSelectedCheck,
      Enter: enter,
      'Shift-Enter': enter,
      Backspace: backspace,
      'Mod-Backspace': backspace,
      'Shift-Backspace': backspace,
      Tab: chainCommands(indentBy(1), insertTab),
      'Shift-Tab': indentBy(-1),
    }),
    keymap(baseKeymap),
  ]
}
