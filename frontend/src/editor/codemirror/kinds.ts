import { indentWithTab } from '@codemirror/commands'
import { bracketMatching, indentOnInput } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import {
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view'
import { t } from '../../i18n'
import { directionOfEachLine } from './directions'
import { markdown } from './markdown'

export type PlainKind = 'text' | 'markdown' | 'code'

const prose = (): Extension => [
  EditorView.lineWrapping,
  directionOfEachLine,
  placeholder(t('editor.placeholder')),
  EditorView.contentAttributes.of({ autocapitalize: 'sentences' }),
  EditorView.theme({ '.cm-content': { maxWidth: '46rem', margin: '0 auto' } }),
]

const code = (): Extension => [
  // Programs are written from left to right, whatever language the page speaks.
  EditorView.editorAttributes.of({ dir: 'ltr' }),
  lineNumbers(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  bracketMatching(),
  indentOnInput(),
  // Escape, then Tab, leaves the editor: Tab is no trap.
  keymap.of([indentWithTab]),
]

const extensions: Record<PlainKind, () => Extension> = {
  text: prose,
  markdown: () => [prose(), markdown],
  code,
}

/** What makes the editor one for this kind of document. */
export const forKind = (kind: PlainKind): Extension => [
  extensions[kind](),
  EditorView.editorAttributes.of({ class: `kind-${kind}` }),
]
