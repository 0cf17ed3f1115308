import { signal } from '@preact/signals'
import { deleteSelection } from 'prosemirror-commands'
import { history, redo, redoDepth, undo, undoDepth } from 'prosemirror-history'
import { type Command, EditorState, TextSelection, type Transaction } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import { type Attributes, type Delta, EMBED_CHARACTER, lengthOf } from '../../delta'
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
import { annotate, annotations } from './annotations'
import { applyDelta } from './apply'
import { remoteCarets, showPeers } from './carets'
import { docOf, endsInNewline } from './content'
import type { Finding } from './find'
import {
  type Align,
  type Block,
  blockOf,
  type Inline,
  linkAt,
  otherAt,
  setAlign,
  setLink,
  setOther,
  toggleBlock,
  toggleCheck,
  toggleInline,
} from './format'
import { headingsOf } from './headings'
import { keys } from './keys'
import { marks, showMarks } from './marks'
import { oneLine } from './one-line'
import { paste } from './paste'
import { changePicture, insertPicture, type ShownPicture, selectedPicture } from './picture'
import { indexOf, positionOf } from './positions'
import { formatOf, schema } from './schema'
import { readSelection, selectionUpToDate } from './selection'
import { sheets } from './sheets'
import { shortcuts } from './shortcuts'
import { Slash } from './slash'
import { deltaOf } from './steps'

export type { Align, Block, Inline } from './format'
export { INKS, WASHES } from './palette'

/** What the toolbar shows pressed. */
export interface Formats {
  readonly block: Block | null
  readonly inline: ReadonlySet<Inline>
  readonly link: string | null
  readonly align: Align | null
  readonly color: string | null
  readonly background: string | null
  readonly canUndo: boolean
  readonly canRedo: boolean
}

const INLINE: readonly Inline[] = ['bold', 'italic', 'underline', 'strike', 'code']
const REMOTE = 'remote'
/** The listbox that the arrow keys move in while the caret stays in the text. */
const SLASH_OPEN = { 'aria-controls': 'slash', 'aria-activedescendant': 'slash-active' }

/** ProseMirror for rich text. */
export class RichEditor implements Editor {
  readonly changes = signal(0)
  readonly formats = signal<Formats>(NOTHING)
  /** The picture that is selected. */
  readonly picture = signal<ShownPicture | null>(null)
  /** Raised by the keyboard shortcut for links. */
  readonly linkWanted = signal(0)
  readonly slash = new Slash()
  private readonly view: EditorView
  private readOnly = false
  private finding: Finding | null = null

  constructor(
    private readonly parent: HTMLElement,
    private readonly host: EditorHost,
  ) {
    this.view = new EditorView(parent, {
      state: this.stateFor([]),
      attributes: () => ({
        role: 'textbox',
        tabindex: '0',
        'aria-multiline': 'true',
        'aria-label': t('editor.label'),
        'aria-readonly': String(this.readOnly),
        class: 'rich',
        ...(this.slash.menu.peek() ? SLASH_OPEN : {}),
      }),
      editable: () => !this.readOnly,
      dispatchTransaction: (transaction) => this.dispatch(transaction),
      handleDOMEvents: {
        ...selectionUpToDate,
        focus: () => this.reportSelection(),
        click: linkClick,
      },
      handleClickOn: (view, _at, node, position, event) => {
        const box = (event.target as HTMLElement).classList.contains('check')
        if (!box || node.type !== schema.nodes.line || this.readOnly) return false
        view.dispatch(toggleCheck(view.state.tr, position))
        return true
      },
      ...paste,
    })
    holdWhileComposing(this.view.dom, host)
  }

  load(content: Delta): void {
    this.view.updateState(this.stateFor(content))
    // A document made over the wire may lack the newline every line needs.
    if (!endsInNewline(content)) {
      const end = lengthOf(content)
      this.host.submit(end > 0 ? [{ retain: end }, { insert: '\n' }] : [{ insert: '\n' }])
    }
    this.changes.value++
    this.showFormats()
    this.finding?.update()
  }

  apply(change: Delta): void {
    readSelection(this.view)
    this.view.dispatch(this.remote(change))
  }

  showPeers(peers: readonly Peer[]): void {
    // Drawing beside a word that is being composed can break the composition.
    if (this.view.composing) return
    readSelection(this.view)
    showPeers(this.view, peers)
  }

  mark(change: Delta): void {
    readSelection(this.view)
    showMarks(this.view, change)
  }

  async annotate(layer: NoteLayer, notes: readonly Note[]): Promise<void> {
    readSelection(this.view)
    this.view.dispatch(annotate(this.view.state.tr, layer, notes))
  }

  applyWith(change: Delta, layer: NoteLayer, notes: readonly Note[]): void {
    this.view.dispatch(annotate(this.remote(change), layer, notes))
  }

  setReadOnly(readOnly: boolean): void {
    if (readOnly === this.readOnly) return
    this.readOnly = readOnly
    this.view.setProps({ editable: () => !readOnly })
  }

  setSpellCheck(wanted: boolean): void {
    this.view.dom.spellcheck = wanted
  }

  focus(): void {
    this.view.focus()
  }

  text(): string {
    const { content } = this.view.state.doc
    return content.textBetween(0, content.size, '\n', EMBED_CHARACTER)
  }

  headings(): readonly Heading[] {
    return headingsOf(this.view.state.doc)
  }

  caret(): number {
    return indexOf(this.view.state.doc, this.view.state.selection.head)
  }

  reveal(index: number): void {
    const position = positionOf(this.view.state.doc, index)
    const { node } = this.view.domAtPos(position)
    const element = node instanceof Element ? node : node.parentElement
    element?.scrollIntoView({ block: 'center' })
  }

  goTo(index: number): void {
    const { state } = this.view
    const at = TextSelection.create(state.doc, positionOf(state.doc, index))
    this.view.dispatch(state.tr.setSelection(at))
    this.reveal(index)
    this.view.focus()
  }

  /** Selects a part of the text and brings it into view. */
  select(index: number, length: number): void {
    const { doc, tr } = this.view.state
    const [from, to] = [positionOf(doc, index), positionOf(doc, index + length)]
    this.view.dispatch(tr.setSelection(TextSelection.create(doc, from, to)).scrollIntoView())
  }

  toggleBlock(block: Block): void {
    this.run(toggleBlock(block))
  }

  toggleInline(inline: Inline): void {
    this.run(toggleInline(inline))
  }

  /** Links the selection to an address; an empty one removes the link. */
  link(address: string): void {
    this.run(setLink(address))
  }

  align(align: Align | null): void {
    this.run(setAlign(align))
  }

  /** Colours the selection, or what is behind it. */
  colour(key: 'color' | 'background', value: string | null): void {
    this.run(setOther(key, value))
  }

  /** Takes the slash menu's words away and makes their line what was chosen. */
  chooseBlock(block: Block): void {
    this.slash.clear(this.view)
    const { $from } = this.view.state.selection
    if (blockOf(formatOf($from.parent)) !== block) this.toggleBlock(block)
    else this.view.focus()
  }

  insertPicture(index: number, picture: Picture): void {
    if (!this.readOnly) this.view.dispatch(insertPicture(this.view.state, index, picture))
  }

  setPicture(change: Attributes): void {
    const transaction = this.readOnly ? null : changePicture(this.view.state, change)
    if (transaction) this.view.dispatch(transaction)
  }

  removePicture(): void {
    this.run(deleteSelection)
  }

  /** The place in the text at a point of the screen. */
  placeAt(left: number, top: number): number | null {
    const found = this.view.posAtCoords({ left, top })
    return found && indexOf(this.view.state.doc, found.pos)
  }

  undo(): void {
    this.run(undo)
  }

  redo(): void {
    this.run(redo)
  }

  /** Opens the panel for finding and replacing. */
  find(): void {
    if (this.finding) this.finding.open()
    else void this.openFinding()
  }

  private async openFinding(): Promise<void> {
    const handOver = typedAhead(t('find.find'))
    const found = await import('./find').catch(() => undefined)
    if (found) {
      this.finding ??= new found.Finding(this.view, this.parent, () => {
        this.finding = null
      })
    }
    handOver(this.finding?.field ?? null)
  }

  private remote(change: Delta): Transaction {
    const transaction = applyDelta(this.view.state.tr, change)
    return transaction.setMeta('addToHistory', false).setMeta(REMOTE, true)
  }

  private run(command: Command): void {
    if (!this.readOnly) command(this.view.state, this.view.dispatch, this.view)
    this.view.focus()
  }

  private stateFor(content: Delta): EditorState {
    return EditorState.create({
      doc: docOf(content),
      plugins: [
        this.slash.plugin,
        shortcuts(),
        ...keys({
          askForLink: () => {
            this.linkWanted.value++
          },
          find: () => this.find(),
        }),
        history(),
        oneLine,
        remoteCarets,
        marks,
        ...annotations,
        sheets,
      ],
    })
  }

  private dispatch(transaction: Transaction): void {
    const { state, transactions } = this.view.state.applyTransaction(transaction)
    this.view.updateState(state)
    for (const applied of transactions) {
      if (applied.docChanged && !applied.getMeta(REMOTE)) this.host.submit(deltaOf(applied))
    }
    if (transactions.some((applied) => applied.docChanged)) this.changes.value++
    if (transactions.some((applied) => applied.docChanged || applied.selectionSet)) {
      this.reportSelection()
      this.showFormats()
      this.finding?.update()
    } else if (transaction.storedMarksSet) {
      this.showFormats()
    }
  }

  private reportSelection(): void {
    const { doc, selection } = this.view.state
    const index = indexOf(doc, selection.from)
    this.host.select({ index, length: indexOf(doc, selection.to) - index })
  }

  private showFormats(): void {
    const formats = formatsOf(this.view.state)
    if (!sameFormats(formats, this.formats.value)) this.formats.value = formats
    this.picture.value = selectedPicture(this.view)
  }
}

const NOTHING: Formats = {
  block: 'paragraph',
  inline: new Set(),
  link: null,
  align: null,
  color: null,
  background: null,
  canUndo: false,
  canRedo: false,
}

const sameFormats = (a: Formats, b: Formats) =>
  (Object.keys(a) as (keyof Formats)[]).every((key) =>
    key === 'inline' ? [...a.inline].join() === [...b.inline].join() : a[key] === b[key],
  )

function formatsOf(state: EditorState): Formats {
  const { $from, from, to, empty } = state.selection
  const active = (name: Inline) => {
    const type = schema.marks[name]
    if (empty) return type.isInSet(state.storedMarks ?? $from.marks()) !== undefined
    return state.doc.rangeHasMark(from, to, type)
  }
  const line = $from.depth > 0 ? $from.parent : state.doc.child(0)
  return {
    block: blockOf(formatOf(line)),
    inline: new Set(INLINE.filter(active)),
    link: linkAt(state),
    align: (formatOf(line).align as Align | undefined) ?? null,
    color: otherAt(state, 'color') as string | null,
    background: otherAt(state, 'background') as string | null,
    canUndo: undoDepth(state) > 0,
    canRedo: redoDepth(state) > 0,
  }
}

/** A link opens with the modifier that opens links elsewhere; a plain click edits. */
function linkClick(_view: EditorView, event: MouseEvent): boolean {
  const link = (event.target as HTMLElement).closest<HTMLAnchorElement>('a[href]')
  if (!link || !(event.ctrlKey || event.metaKey)) return false
  window.open(link.href, '_blank', 'noopener,noreferrer')
  return true
}
