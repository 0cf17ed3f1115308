import { effect, untracked } from '@preact/signals'
import { compose, type Delta } from '../../delta'
import type { Editor, EditorHost, Note } from '../../editor/editor'
import { insertedBy } from '../../editor/inserted'
import type { Kind } from '../../sync/wire'
import { changeBetween } from './change'
import { authorNotes, changeNotes, firstChange, lostNotes, previewNotes } from './notes'
import type { Past } from './past'
import type { Cast } from './people'
import { Seldom } from './seldom'

/**
 * While moments fly by, what is in view stays for so long, in ms, so that one can follow, and so do the colours of the
 * authors, which go along with the text meanwhile.
 */
const FOLLOW_EVERY = 400

/** Where the text of a moment is shown: the document's own editor, in which nothing can be written. */
export class Stage {
  /** The moment that the text is of. */
  revision = -1
  private content: Delta = []
  private revealed = -1
  private readonly view = new Seldom(FOLLOW_EVERY)
  private readonly authors = new Seldom(FOLLOW_EVERY)
  private readonly stop: () => void

  private constructor(
    private readonly past: Past,
    private readonly editor: Editor,
    private readonly earlier: Editor,
  ) {
    const stops = [
      effect(() => this.show()),
      effect(() => this.showAuthors()),
      effect(() => this.showEarlier()),
    ]
    this.stop = () => {
      for (const stop of stops) stop()
    }
  }

  static async open(past: Past, later: HTMLElement, earlier: HTMLElement): Promise<Stage> {
    const open = await editorsFor(past.page.kind.peek() ?? 'rich')
    const host = {
      ...SILENT,
      select: (selection: EditorHostSelection) => {
        past.selection.value = selection
      },
    }
    return new Stage(past, open(later, host), open(earlier, SILENT))
  }

  close(): void {
    this.view.stop()
    this.authors.stop()
    this.stop()
  }

  /** Plays changes that lead to another moment. */
  advance(change: Delta, revision: number, person: string): void {
    this.editor.apply(change)
    this.content = compose(this.content, change)
    this.revision = revision
    const color = this.past.cast.peek().color(person)
    const places = insertedBy(change)
    void this.editor.annotate(
      'changes',
      places.map((place) => ({ ...place, class: 'was-added', color })),
    )
    const last = places.at(-1)
    if (last) this.editor.reveal(last.index)
  }

  private show(): void {
    const shown = this.past.shown.value
    if (!shown) return
    const notes = this.notes()
    untracked(() => {
      this.turnTo(shown.delta, notes)
      this.revision = shown.revision
      const first = firstChange(notes)
      if (first !== undefined && this.revealed !== shown.revision) {
        this.view.run(() => this.editor.reveal(first))
      }
      this.revealed = shown.revision
    })
  }

  private turnTo(content: Delta, notes: readonly Note[]): void {
    const change = this.revision < 0 ? null : changeBetween(this.content, content)
    this.content = content
    if (change && this.editor.applyWith) this.editor.applyWith(change, 'changes', notes)
    else {
      if (!change) this.editor.load(content)
      else if (change.length > 0) this.editor.apply(change)
      void this.editor.annotate('changes', notes)
    }
  }

  private notes(): Note[] {
    const { shown, difference, view, cast, asking } = this.past
    const asked = asking.value
    if (asked?.what === 'undo' && asked.preview.revision === shown.value?.revision) {
      return previewNotes(asked.preview.delta)
    }
    const runs = difference.value?.runs ?? shown.value?.changes
    if (view.value === 'none' || !runs) return []
    const notes = changeNotes(runs, cast.value)
    return view.value === 'beside' ? notes.filter(({ gone }) => gone === undefined) : notes
  }

  private showAuthors(): void {
    const { shown, colours, cast } = this.past
    const names = cast.value
    if (!colours.value) this.authors.run(() => void this.editor.annotate('authors', []))
    else if (shown.value?.authors) this.authors.run(() => this.drawAuthors(names))
  }

  private drawAuthors(names: Cast): void {
    const shown = this.past.shown.peek()
    // What is played goes on without them.
    if (shown?.revision !== this.revision) return
    void this.editor.annotate('authors', authorNotes(shown.authors ?? [], names))
  }

  private showEarlier(): void {
    const { other, difference, shown, cast } = this.past
    const content = other.value
    if (!content) return
    const notes = lostNotes(difference.value?.runs ?? shown.value?.changes ?? [], cast.value)
    untracked(() => {
      this.earlier.load(content)
      void this.earlier.annotate('changes', notes)
      const first = firstChange(notes)
      if (first !== undefined) this.earlier.reveal(first)
    })
  }
}

type EditorHostSelection = Parameters<EditorHost['select']>[0]

/** Nobody listens to an editor that only shows. */
const SILENT: EditorHost = { submit() {}, select() {}, hold() {}, release() {} }

async function editorsFor(kind: Kind) {
  const open = kind === 'rich' ? await richEditor() : await plainEditor(kind)
  return (parent: HTMLElement, host: EditorHost): Editor => {
    const editor = open(parent, host)
    editor.setReadOnly(true)
    return editor
  }
}

async function richEditor() {
  const { RichEditor } = await import('../../editor/prosemirror')
  return (parent: HTMLElement, host: EditorHost): Editor => new RichEditor(parent, host)
}

async function plainEditor(kind: Exclude<Kind, 'rich'>) {
  const { PlainEditor } = await import('../../editor/codemirror')
  return (parent: HTMLElement, host: EditorHost): Editor => new PlainEditor(parent, kind, host)
}
