import './style-sheets'
import { defaultKeymap, history, historyKeymap, redo, undo } from '@codemirror/commands'
import { Compartment, EditorState, type Extension, StateEffect } from '@codemirror/state'
import { type Command, drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view'
import { signal } from '@preact/signals'
import { type Delta, textOf } from '../../delta'
import { t } from '../../i18n'
import type { Peer } from '../../sync/presence'
import {
  type Editor,
  type EditorHost,
  type Heading,
  holdWhileComposing,
  type Note,
  type NoteLayer,
  type Picture,
} from '../editor'
import { typedAhead } from '../typed-ahead'
import { remoteCarets, showPeers } from './carets'
import { headingsOf } from './headings'
import { forKind, type PlainKind } from './kinds'
import { show, showAtTop, toggleTask, topLine } from './lines'
import { FORMATS, type MarkdownFormat } from './markdown-format'
import { marks, showMarks } from './marks'
import { type EditingOptions, Options } from './options'
import { applyRemote, reportTo } from './sync'
import { theme } from './theme'

export type { PlainKind } from './kinds'
export type { MarkdownFormat } from './markdown-format'
export type { EditingOptions, Indent } from './options'

/** CodeMirror for text, Markdown and code. */
export class PlainEditor implements Editor {
  readonly changes = signal(0)
  readonly view: EditorView
  private readonly shape = new Compartment()
  private readonly language = new Compartment()
  private readonly access = new Compartment()
  /** Finding is loaded when it is asked for, or code is shown. */
  private readonly finding = new Compartment()
  private readonly options = new Options()
  private wanted = ''

  constructor(
    parent: HTMLElement,
    private kind: PlainKind,
    private readonly host: EditorHost,
  ) {
    this.view = new EditorView({ parent, state: this.stateFor('') })
    holdWhileComposing(this.view.contentDOM, host)
  }

  load(content: Delta): void {
    const { readOnly } = this.view.state
    const language = this.language.get(this.view.state) ?? []
    const finding = this.finding.get(this.view.state) ?? []
    this.view.setState(this.stateFor(textOf(content)))
    const access = accessFor(readOnly)
    this.view.dispatch({
      effects: [
        this.language.reconfigure(language),
        this.access.reconfigure(access),
        this.finding.reconfigure(finding),
      ],
    })
    this.options.restore(this.view)
    this.changes.value++
  }

  apply(change: Delta): void {
    applyRemote(this.view, change)
  }

  showPeers(peers: readonly Peer[]): void {
    showPeers(this.view, peers)
  }

  mark(change: Delta): void {
    showMarks(this.view, change)
  }

  async annotate(layer: NoteLayer, notes: readonly Note[]): Promise<void> {
    const { annotate } = await import('./annotations')
    annotate(this.view, layer, notes)
  }

  /** As Markdown has it. Text and code have no pictures. */
  insertPicture(index: number, { url }: Picture): void {
    const { readOnly } = this.view.state
    if (!readOnly) this.view.dispatch({ changes: { from: index, insert: `![](${url})` } })
  }

  placeAt(left: number, top: number): number | null {
    return this.view.posAtCoords({ x: left, y: top })
  }

  setReadOnly(readOnly: boolean): void {
    if (readOnly === this.view.state.readOnly) return
    this.view.dispatch({ effects: this.access.reconfigure(accessFor(readOnly)) })
  }

  focus(): void {
    this.view.focus()
  }

  text(): string {
    return this.view.state.doc.toString()
  }

  headings(): readonly Heading[] {
    return this.kind === 'markdown' ? headingsOf(this.view.state) : []
  }

  caret(): number {
    return this.view.state.selection.main.head
  }

  reveal(index: number): void {
    show(this.view, index, false)
  }

  goTo(index: number): void {
    show(this.view, index, true)
    this.view.focus()
  }

  /** Shows the numbers of lines of a kind that has none, until the text is loaded anew. */
  showNumbers(): void {
    this.view.dispatch({ effects: StateEffect.appendConfig.of(lineNumbers()) })
  }

  undo(): void {
    undo(this.view)
  }

  redo(): void {
    redo(this.view)
  }

  /** Opens the panel for finding and replacing. */
  find(): void {
    void this.openFinding()
  }

  /** The same text as another kind of document. */
  setKind(kind: PlainKind): void {
    if (kind === this.kind) return
    this.kind = kind
    this.view.dispatch({ effects: this.shape.reconfigure(this.shapeFor(this.view.state.doc)) })
  }

  setOptions(options: EditingOptions): void {
    void this.options.change(this.view, this.kind, options)
  }

  /** Colours code by its language; where none is said, by the one that the title tells. */
  async setLanguage(id: string, title: string): Promise<void> {
    if (this.kind === 'code') void this.loadFinding()
    const wanted = this.kind === 'code' ? id || title : ''
    this.wanted = wanted
    const language = wanted ? await grammarOf(id, title) : []
    // Another may have been chosen while this one was loaded.
    if (this.wanted !== wanted) return
    this.view.dispatch({ effects: this.language.reconfigure(language) })
  }

  /** Formats the selection as Markdown does. */
  format(format: MarkdownFormat): void {
    FORMATS[format](this.view)
    this.view.focus()
  }

  /** What scrolls. */
  get scroller(): HTMLElement {
    return this.view.scrollDOM
  }

  topLine(): number {
    return topLine(this.view)
  }

  showAtTop(line: number): void {
    showAtTop(this.view, line)
  }

  toggleTask(line: number): void {
    toggleTask(this.view, line)
  }

  private readonly openFind = () => {
    this.find()
    return true
  }

  private async openFinding(): Promise<void> {
    const handOver = typedAhead(t('find.find'))
    const openPanel = await this.loadFinding()
    openPanel?.(this.view)
    handOver(openPanel ? this.view.dom.querySelector<HTMLInputElement>('[main-field]') : null)
  }

  /** Gives the command that opens the panel, or nothing where it cannot be loaded. */
  private async loadFinding(): Promise<Command | undefined> {
    const found = await import('./find').catch(() => undefined)
    if (found && this.finding.get(this.view.state) !== found.find) {
      this.view.dispatch({ effects: this.finding.reconfigure(found.find) })
    }
    return found?.openSearchPanel
  }

  private shapeFor(doc: EditorState['doc'] | null): Extension {
    return [forKind(this.kind), this.options.forState(this.kind, doc)]
  }

  private stateFor(text: string): EditorState {
    const doc = EditorState.create({ doc: text }).doc
    return EditorState.create({
      doc,
      extensions: [
        this.options.first,
        history(),
        drawSelection(),
        this.shape.of(this.shapeFor(doc)),
        this.finding.of([]),
        keymap.of([{ key: 'Mod-f', run: this.openFind }, ...defaultKeymap, ...historyKeymap]),
        theme,
        remoteCarets,
        marks,
        reportTo(this.host),
        EditorView.updateListener.of(({ docChanged }) => {
          if (docChanged) this.changes.value++
        }),
        this.language.of([]),
        this.access.of([]),
        EditorView.contentAttributes.of(() => ({ 'aria-label': t('editor.label'), tabindex: '0' })),
      ],
    })
  }
}

async function grammarOf(id: string, title: string): Promise<Extension> {
  const { languageNamed, languageOfFile } = await import('./languages')
  return (await (languageNamed(id) ?? languageOfFile(title))?.load()) ?? []
}

const accessFor = (readOnly: boolean): Extension =>
  readOnly ? [EditorState.readOnly.of(true), EditorView.editable.of(false)] : []
