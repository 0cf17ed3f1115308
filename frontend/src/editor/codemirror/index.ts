import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, indentOnInput } from '@codemirror/language'
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view'
import { type Delta, textOf } from '../../delta'
import { t } from '../../i18n'
import type { Peer } from '../../sync/presence'
import { type Editor, type EditorHost, holdWhileComposing } from '../editor'
import { remoteCarets, showPeers } from './carets'
import { languageFor } from './languages'
import { markdown } from './markdown'
import { applyRemote, reportTo } from './sync'
import { theme } from './theme'

export type PlainKind = 'text' | 'markdown' | 'code'

const prose = (): Extension => [
  EditorView.lineWrapping,
  EditorView.contentAttributes.of({ spellcheck: 'true', autocapitalize: 'sentences' }),
  placeholder(t('editor.placeholder')),
  EditorView.theme({ '.cm-content': { maxWidth: '46rem', margin: '0 auto' } }),
]

const code = (): Extension => [
  // Programs are written from left to right, whatever language the page speaks.
  EditorView.editorAttributes.of({ dir: 'ltr' }),
  lineNumbers(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  highlightSelectionMatches(),
  bracketMatching(),
  indentOnInput(),
  // Escape, then Tab, leaves the editor: Tab is no trap.
  keymap.of([indentWithTab]),
]

const perKind: Record<PlainKind, () => Extension> = {
  text: prose,
  markdown: () => [prose(), markdown],
  code,
}

/** CodeMirror for text, Markdown and code. */
export class PlainEditor implements Editor {
  private readonly view: EditorView
  private readonly language = new Compartment()
  private readonly access = new Compartment()

  constructor(
    parent: HTMLElement,
    private readonly kind: PlainKind,
    private readonly host: EditorHost,
  ) {
    this.view = new EditorView({ parent, state: this.stateFor('') })
    holdWhileComposing(this.view.contentDOM, host)
  }

  load(content: Delta): void {
    const { readOnly } = this.view.state
    const language = this.language.get(this.view.state) ?? []
    this.view.setState(this.stateFor(textOf(content)))
    const access = accessFor(readOnly)
    this.view.dispatch({
      effects: [this.language.reconfigure(language), this.access.reconfigure(access)],
    })
  }

  apply(change: Delta): void {
    applyRemote(this.view, change)
  }

  showPeers(peers: readonly Peer[]): void {
    showPeers(this.view, peers)
  }

  setReadOnly(readOnly: boolean): void {
    if (readOnly === this.view.state.readOnly) return
    this.view.dispatch({ effects: this.access.reconfigure(accessFor(readOnly)) })
  }

  focus(): void {
    this.view.focus()
  }

  /** The title of a code document chooses its language, as a file's name does. */
  titleChanged(title: string): void {
    if (this.kind !== 'code') return
    void languageFor(title).then((language) => {
      this.view.dispatch({ effects: this.language.reconfigure(language) })
    })
  }

  private stateFor(doc: string): EditorState {
    return EditorState.create({
      doc,
      extensions: [
        history(),
        drawSelection(),
        perKind[this.kind](),
        keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap]),
        theme,
        remoteCarets,
        reportTo(this.host),
        this.language.of([]),
        this.access.of([]),
        EditorView.contentAttributes.of(() => ({ 'aria-label': t('editor.label') })),
        EditorView.editorAttributes.of({ class: `kind-${this.kind}` }),
      ],
    })
  }
}

const accessFor = (readOnly: boolean): Extension =>
  readOnly ? [EditorState.readOnly.of(true), EditorView.editable.of(false)] : []
