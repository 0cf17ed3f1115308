import { batch, computed, effect, signal } from '@preact/signals'
import type { Delta } from '../../delta'
import type { PlainEditor, PlainKind } from '../../editor/codemirror'
import type { Editor, EditorHost, Picture } from '../../editor/editor'
import type { RichEditor } from '../../editor/prosemirror'
import { t } from '../../i18n'
import type { Missed } from '../../sync/absence'
import type { Refused } from '../../sync/document'
import type { Peer, Person, Selection } from '../../sync/presence'
import { type SavedState, Session, type SessionListener } from '../../sync/session'
import type { About, Hello, Kind, Standing } from '../../sync/wire'
import { amendDocument } from '../api'
import type { Instead } from '../denied/Instead'
import type { Extras } from '../extras'
import { lookForUpdate } from '../offline'
import { me } from '../person'
import { recentDocuments, remember } from '../recent'
import { settings } from '../settings/settings'
import type { ChatPanel, Conversation } from './chat'
import { colorAmong } from './color'
import { Peers } from './peers'
import type { PictureBar, Pictures, Uploads } from './pictures'
import type * as RichTools from './rich-tools'

export type Phase = 'opening' | 'open' | 'missing' | 'deleted' | 'denied' | 'failed'

export interface LoadedPictures {
  readonly pictures: Pictures
  readonly Uploads: typeof Uploads
  readonly PictureBar: typeof PictureBar
}

export interface LoadedChat {
  readonly conversation: Conversation
  readonly Panel: typeof ChatPanel
}

export interface Away {
  readonly changes: number
  readonly names: readonly string[]
}

type OpenEditor = (parent: HTMLElement, host: EditorHost) => Editor

/** One open document as the page shows it: signals for the widgets, and the link between session and editor. */
export class DocumentPage implements SessionListener, EditorHost {
  readonly kind = signal<Kind | null>(null)
  readonly title = signal('')
  /** What code is written in; '' where its title says that, or nothing does. */
  readonly language = signal('')
  readonly problem = signal('')
  /** What whoever runs the server has to say. */
  readonly notice = signal('')
  readonly phase = signal<Phase>('opening')
  /** What the user may do, once the server has said so. */
  readonly standing = signal<Standing | null>(null)
  readonly mayEdit = computed(() => this.standing.value?.may.includes('edit') !== false)
  readonly saved = signal<SavedState>({ kind: 'loading', edits: 0, kept: true })
  readonly refusals = signal<readonly Refused[]>([])
  /** What others did while the user was away; an empty name stands for people whose names are not known. */
  readonly away = signal<Away | null>(null)
  /** The rich text editor, for its toolbar. */
  readonly rich = signal<RichEditor | null>(null)
  /** The toolbar and menu of rich text, loaded with its editor. */
  readonly richTools = signal<typeof RichTools | null>(null)
  /** The editor of text, Markdown and code. */
  readonly plain = signal<PlainEditor | null>(null)
  readonly untitled = computed(() => t(`kind.${this.kind.value ?? 'rich'}.untitled`))
  /** What is open over the page. */
  readonly dialog = signal<'commands' | 'shortcuts' | 'settings' | 'history' | 'share' | null>(null)
  /** Whether it is shown who wrote what. */
  readonly authors = signal(false)
  /** What came between the last visit and this one, while it is marked: the last revision seen, and the one at arrival. */
  readonly news = signal<{ readonly seen: number; readonly arrival: number } | null>(null)
  readonly selected = signal<Selection | null>(null)
  /** Whether the outline is shown. */
  readonly outline = signal(false)
  /** What comes once the text can be written in: commands, outline, announcements. */
  readonly extras = signal<typeof Extras | null>(null)
  /** The element that the editor fills. */
  readonly surface = document.createElement('div')

  /** What stands in place of the document, once it cannot be shown. */
  readonly instead = signal<typeof Instead | null>(null)
  /** The conversation beside the document and its panel, once they are loaded. */
  readonly chat = signal<LoadedChat | null>(null)
  readonly chatOpen = signal(false)
  /** Pictures on their way, and the tools for them, once they are loaded. */
  readonly pictures = signal<LoadedPictures | null>(null)
  /** The user as others know them in the conversation; '' until the server has said so. */
  readonly personId = signal('')
  /** The colour that the user wears here: their own, unless somebody who came before them does. */
  readonly color = signal(me.peek().color)
  /** The user as others see them here. */
  readonly me = computed<Person>(() => ({ ...me.value, color: this.color.value }))
  /** The others who are here. */
  readonly peers: Peers
  readonly session: Session
  private editor: Editor | null = null
  /** Content that arrived before its editor; changes wait with it, since they are held. */
  private content: Delta | null = null
  private readonly editListeners = new Set<(change: Delta) => void>()
  private readonly typedListeners = new Set<() => void>()

  constructor(readonly id: string) {
    this.surface.className = 'surface'
    const capture = { capture: true }
    this.surface.addEventListener(
      'paste',
      (event) => {
        this.takeFiles(event, event.clipboardData, () => this.caret())
        this.keepOutBinary(event)
      },
      capture,
    )
    this.surface.addEventListener(
      'drop',
      (event) => {
        const { clientX, clientY } = event
        const at = () => this.editor?.placeAt?.(clientX, clientY) ?? this.caret()
        this.takeFiles(event, event.dataTransfer, at)
      },
      capture,
    )
    this.peers = new Peers({ editor: () => this.editor, document: () => this.session.document })
    this.session = new Session(id, this)
    effect(() => {
      const person = this.personId.value
      this.session.document.presence.introduce({ ...this.me.value, ...(person ? { person } : {}) })
    })
    effect(() => this.chooseColor())
    effect(() => {
      document.title = `${this.title.value || this.untitled.value} – Quire`
    })
    for (const hand of ['keydown', 'pointerdown', 'wheel', 'touchstart']) {
      this.surface.addEventListener(hand, () => this.peers.follow(null), { passive: true })
    }
    effect(() => {
      const { wrap, indent, spellCheck, keymap } = settings.value
      this.rich.value?.setSpellCheck(spellCheck)
      this.plain.value?.setOptions({ wrap, indent, spellCheck, vim: keymap === 'vim' })
    })
    effect(() => this.shapePlain())
  }

  start(): void {
    // The kind of a document seen before is known: its editor loads while the socket opens.
    const known = recentDocuments().find(({ id }) => id === this.id)
    if (known) {
      this.title.value = known.title
      void editorFor(known.kind)
    }
    addEventListener('beforeunload', (event) => {
      const { edits, kept } = this.saved.value
      if (edits > 0 && !kept) event.preventDefault()
    })
    this.session.start(known !== undefined)
  }

  retryNow(): void {
    this.session.retryNow()
  }

  async rename(title: string): Promise<void> {
    if (title !== this.title.value) await this.amend({ title })
  }

  /** Changes title, kind or language, here at once and for everybody once the server has it. */
  async amend(change: Partial<About>): Promise<void> {
    const before = this.about
    this.amended({ ...before, ...change })
    this.problem.value = ''
    try {
      await amendDocument(this.id, change)
    } catch (error) {
      // Not noted: the browser may have stopped listening because the user leaves, and then it is done all the same.
      this.show(before)
      const failed = 'title' in change ? 'title.notChanged' : 'plain.notChanged'
      this.problem.value = t(failed, { reason: (error as Error).message })
    }
  }

  dismissRefusals(): void {
    this.refusals.value = []
  }

  // What the session tells

  greeted(hello: Hello): void {
    const first = this.kind.value === null
    this.amended(hello)
    if (first) void this.openEditor(hello.kind)
    lookForUpdate()
  }

  amended(about: About): void {
    this.show(about)
    this.noteRecent()
  }

  noticed(text: string): void {
    this.notice.value = text
  }

  stands(standing: Standing): void {
    this.standing.value = standing
    if (this.phase.value === 'denied') this.phase.value = this.editor ? 'open' : 'opening'
  }

  private show({ kind, language, title }: About): void {
    batch(() => {
      this.kind.value = kind
      this.language.value = language
      this.title.value = title
    })
  }

  loaded(content: Delta): void {
    if (this.editor) this.editor.load(content)
    else {
      this.content = content
      // Nothing more until the editor shows this.
      this.session.document.hold()
    }
  }

  changed(change: Delta): void {
    this.pictures.value?.pictures.moved(change)
    this.editor?.apply(change)
    for (const listen of this.editListeners) listen(change)
  }

  refused(refused: Refused): void {
    if (refused.text.trim() !== '') this.refusals.value = [...this.refusals.value, refused]
  }

  missed(missed: Missed): void {
    const people = this.session.document.presence.people
    const names = new Set([...missed.by.keys()].map((src) => people[src]?.name ?? ''))
    this.away.value = { changes: missed.changes, names: [...names] }
    this.editor?.mark?.(missed.change)
  }

  dismissAway(): void {
    this.away.value = null
    this.editor?.mark?.([])
  }

  updated(saved: SavedState): void {
    const before = this.saved.value
    const { state, readOnly } = this.session.document
    if (saved.kind !== before.kind || saved.edits !== before.edits || saved.kept !== before.kept) {
      this.saved.value = saved
    }
    if (state === 'missing' || state === 'deleted' || state === 'failed') this.phase.value = state
    if (state === 'missing' || state === 'deleted' || saved.kind === 'denied') void this.leave()
    this.editor?.setReadOnly(readOnly || state === 'deleted')
    this.peers.planRedraw()
  }

  peersChanged(): void {
    this.peers.planRedraw()
  }

  // What the editor tells

  submit(change: Delta): void {
    this.pictures.value?.pictures.moved(change)
    this.session.document.submit(change)
    this.peers.follow(null)
    for (const listen of this.typedListeners) listen()
  }

  select(selection: Selection | null): void {
    this.selected.value = selection
    this.session.document.select(selection)
  }

  /** The revision that the text shown is of; null while something is on its way to it or from it. */
  get revisionShown(): number | null {
    const { revision, unsent, delivered } = this.session.document
    return unsent.edits === 0 && delivered ? revision : null
  }

  hold(): void {
    this.session.document.hold()
  }

  release(): void {
    this.session.document.release()
  }

  // Getting about

  focus(): void {
    this.editor?.focus()
  }

  toggleOutline(): void {
    this.outline.value = !this.outline.value
  }

  /** Opens the conversation, to write to one person. */
  writeTo(person = ''): void {
    const loaded = this.chat.value
    if (!loaded) return
    loaded.conversation.to.value = person
    this.chatOpen.value = true
  }

  /** Hears of each change by others, once the editor shows it. */
  onEdit(listen: (change: Delta) => void): () => void {
    this.editListeners.add(listen)
    return () => this.editListeners.delete(listen)
  }

  /** Hears of each change by the user. */
  onTyped(listen: () => void): () => void {
    this.typedListeners.add(listen)
    return () => this.typedListeners.delete(listen)
  }

  // Pictures

  /** Whether this kind of document can have pictures. */
  get hasPictures(): boolean {
    return this.kind.value === 'rich' || this.kind.value === 'markdown'
  }

  choosePictures(): void {
    this.pictures.value?.pictures.choose()
  }

  caret(): number {
    return this.editor?.caret() ?? 0
  }

  insertPicture(index: number, picture: Picture): void {
    this.editor?.insertPicture?.(index, picture)
  }

  /** Takes files out of what was pasted or dropped. Programs that copy text often add a picture of it: then it is text. */
  private takeFiles(event: Event, data: DataTransfer | null, at: () => number): void {
    const files = [...(data?.files ?? [])]
    const loaded = this.pictures.value
    if (!loaded || files.length === 0 || data?.getData('text/plain')) return
    if (!this.hasPictures || this.session.document.readOnly) return
    event.preventDefault()
    event.stopPropagation()
    loaded.pictures.add(files, at())
  }

  /** What is no text must not become part of one. */
  private keepOutBinary(event: ClipboardEvent): void {
    if (!event.clipboardData?.getData('text/plain').includes('\0')) return
    event.preventDefault()
    event.stopPropagation()
    this.problem.value = t('paste.binary')
  }

  private async openEditor(kind: Kind): Promise<void> {
    const open = await editorFor(kind).catch(() => undefined)
    if (!open) {
      this.problem.value = t('editor.failed')
      return
    }
    const editor = open(this.surface, this)
    this.editor = editor
    if ('formats' in editor) {
      this.rich.value = editor as RichEditor
      void import('./rich-tools').then((tools) => {
        this.richTools.value = tools
      })
    } else this.plain.value = editor as PlainEditor
    this.phase.value = 'open'
    if (this.content) {
      editor.load(this.content)
      this.content = null
      this.release()
    }
    void this.loadChat()
    void import('../extras').then(
      (extras) => {
        this.extras.value = extras.Extras
      },
      // Without them one can write all the same.
      () => {},
    )
    void this.loadPictures()
    // Who has gone to the chat meanwhile stays there. In a frame the focus is the host's. On a phone the keyboard
    // would jump up over a document that is to be read.
    const free = document.activeElement === document.body && self === top
    if (free && matchMedia('(pointer: fine)').matches) editor.focus()
  }

  private chooseColor(): void {
    const { id } = this.session.document.presence
    const strangers = this.peers.strangers(this.personId.value)
    const before = strangers.filter((peer) => peer.id < id)
    const colors = (peers: readonly Peer[]) => peers.map(({ color }) => color)
    this.color.value = colorAmong(this.color.value, colors(before), colors(strangers))
  }

  private get about(): About {
    const kind = this.kind.value ?? 'rich'
    return { kind, language: this.language.value, title: this.title.value }
  }

  /** Kind and language of the plain editor follow the document's. */
  private shapePlain(): void {
    const { kind, language, title } = this.about
    const editor = this.plain.value
    if (!editor || kind === 'rich') return
    editor.setKind(kind satisfies PlainKind)
    void editor.setLanguage(language, title)
  }

  /** Gives the page to what says why the document cannot be shown. */
  private async leave(): Promise<void> {
    const loaded = await import('../denied/Instead').catch(() => undefined)
    if (!loaded) return
    this.instead.value = loaded.Instead
    if (this.saved.value.kind === 'denied') this.phase.value = 'denied'
  }

  private async loadChat(): Promise<void> {
    const loaded = await import('./chat').catch(() => undefined)
    if (!loaded) return // Offline, before it was ever used: it comes with the next visit.
    const conversation = new loaded.Conversation(this)
    this.chat.value = { conversation, Panel: loaded.ChatPanel }
  }

  private async loadPictures(): Promise<void> {
    const loaded = await import('./pictures').catch(() => undefined)
    if (!loaded) return
    const { Uploads, PictureBar } = loaded
    this.pictures.value = { pictures: new loaded.Pictures(this), Uploads, PictureBar }
  }

  private noteRecent(): void {
    const kind = this.kind.value
    if (!kind) return
    remember({ id: this.id, kind, title: this.title.value, opened: Date.now() })
  }
}

/** The code of the editor for a kind, loaded when first needed. */
async function editorFor(kind: Kind): Promise<OpenEditor> {
  if (kind === 'rich') {
    const [{ RichEditor }] = await Promise.all([
      import('../../editor/prosemirror'),
      import('./rich-tools'),
    ])
    return (parent, host) => new RichEditor(parent, host)
  }
  const { PlainEditor } = await import('../../editor/codemirror')
  return (parent, host) => new PlainEditor(parent, kind, host)
}
