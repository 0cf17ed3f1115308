import { InputRule, inputRules } from 'prosemirror-inputrules'
import type { Plugin } from 'prosemirror-state'
import type { Attributes } from '../../delta'
import { type Block, withBlock } from './format'
import { formatOf, schema } from './schema'

/** Text typed at the start of a plain line that turns it into something else. */
function lineRule(pattern: RegExp, formatFor: (match: RegExpMatchArray) => Attributes): InputRule {
  return new InputRule(pattern, (state, match, start, end) => {
    const place = state.doc.resolve(start)
    const format = formatOf(place.parent)
    if (format['code-block']) return null
    const position = place.before()
    const next = { ...withBlock(format, 'paragraph'), ...formatFor(match) }
    return state.tr.delete(start, end).setNodeAttribute(position, 'format', next)
  })
}

const blockRule = (pattern: RegExp, block: Block) => lineRule(pattern, () => withBlock({}, block))

/** Text between two marks, typed: `code`, **bold**. */
function inlineRule(pattern: RegExp, mark: 'bold' | 'code'): InputRule {
  return new InputRule(pattern, (state, match, start, end) => {
    const [, text] = match
    if (!text || formatOf(state.doc.resolve(start).parent)['code-block']) return null
    const marks = schema.marks[mark].create().addToSet(state.doc.resolve(start).marks())
    return state.tr
      .replaceWith(start, end, schema.text(text, marks))
      .removeStoredMark(schema.marks[mark])
  })
}

/** Markdown's habits, as they are typed. Backspace right after takes the change back. */
export function shortcuts(): Plugin {
  return inputRules({
    rules: [
      lineRule(/^(#{1,6})\s$/, (match) => ({ header: match[1]?.length ?? 1 })),
      blockRule(/^[-*+]\s$/, 'bullet'),
      blockRule(/^1[.)]\s$/, 'ordered'),
      blockRule(/^>\s$/, 'blockquote'),
      blockRule(/^```$/, 'code-block'),
      lineRule(/^\[([ xX]?)\]\s$/, (match) => ({
        list: match[1]?.trim() ? 'checked' : 'unchecked',
      })),
      inlineRule(/`([^`]+)`$/, 'code'),
      inlineRule(/\*\*([^*]+)\*\*$/, 'bold'),
    ],
  })
}
