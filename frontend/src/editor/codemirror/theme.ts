import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags as t } from '@lezer/highlight'

/** Everything refers to the page's custom properties, so both themes are one. */
const surface = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--editor-font)', lineHeight: 'var(--editor-leading)' },
  '.cm-content': { caretColor: 'var(--accent)', padding: '2rem 0 40vh' },
  '.cm-placeholder': { color: 'var(--faint)' },
  '.cm-line': { padding: '0 1rem' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground':
    { background: 'var(--selection)' },
  '.cm-gutters': { background: 'transparent', border: 'none', color: 'var(--faint)' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 0.5rem 0 1rem' },
  '.cm-activeLine': { background: 'var(--active-line)' },
  '.cm-activeLineGutter': { background: 'transparent', color: 'var(--muted)' },
  '.cm-panels': { background: 'var(--raised)', color: 'var(--text)' },
  '.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-textfield': { font: 'inherit', borderColor: 'var(--line)', borderRadius: '6px' },
  '.cm-button': {
    font: 'inherit',
    background: 'var(--surface)',
    borderColor: 'var(--line)',
    borderRadius: '6px',
  },
  '.cm-searchMatch': { background: 'var(--match)' },
  '.cm-matchingBracket': { background: 'var(--match)' },
})

const colours = HighlightStyle.define([
  { tag: t.heading1, fontWeight: '700', fontSize: '1.6em', lineHeight: '1.35' },
  { tag: t.heading2, fontWeight: '700', fontSize: '1.35em', lineHeight: '1.35' },
  { tag: t.heading3, fontWeight: '700', fontSize: '1.15em' },
  { tag: t.heading, fontWeight: '700' },
  { tag: t.strong, fontWeight: '700' },
  { tag: t.emphasis, fontStyle: 'italic' },
  { tag: t.strikethrough, textDecoration: 'line-through' },
  { tag: t.monospace, fontFamily: 'var(--mono)', color: 'var(--syntax-string)' },
  { tag: [t.link, t.url], color: 'var(--accent-text)' },
  { tag: t.quote, color: 'var(--muted)' },
  { tag: [t.processingInstruction, t.contentSeparator, t.meta], color: 'var(--muted)' },
  { tag: [t.comment, t.lineComment, t.blockComment], color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [t.keyword, t.modifier, t.controlKeyword], color: 'var(--syntax-keyword)' },
  { tag: [t.string, t.special(t.string), t.regexp], color: 'var(--syntax-string)' },
  { tag: [t.number, t.bool, t.null, t.atom], color: 'var(--syntax-number)' },
  { tag: [t.function(t.variableName), t.function(t.propertyName)], color: 'var(--syntax-name)' },
  { tag: [t.typeName, t.className, t.tagName, t.namespace], color: 'var(--syntax-type)' },
  { tag: t.invalid, color: 'var(--danger)' },
])

export const theme: Extension = [surface, syntaxHighlighting(colours)]
