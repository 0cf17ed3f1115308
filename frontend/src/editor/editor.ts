import type { ReadonlySignal } from '@preact/signals'
import type { Delta } from '../delta'
import type { Peer, Selection } from '../sync/presence'

/** What an editor tells the document it shows. */
export interface EditorHost {
  /** The user changed the text. */
  submit(change: Delta): void
  select(selection: Selection | null): void
  /** Nothing may be applied from outside: an input method is composing. */
  hold(): void
  release(): void
}

/** Something shown with the text that is no part of it. Positions are those of the text as it is. */
export interface Note {
  readonly index: number
  /** Units of the text that it is about; 0 for what is shown between them. */
  readonly length: number
  /** Its class in the page. */
  readonly class: string
  /** Somebody's colour. */
  readonly color?: string
  /** Says more where a mouse rests on it. */
  readonly title?: string
  /** What was there once and is shown again. */
  readonly gone?: string
  /** It is about whole lines, and shown beside them. */
  readonly lines?: boolean
}

/** What the notes of an editor are about; each is replaced by itself. */
export type NoteLayer = 'authors' | 'changes' | 'news'

/** A picture as the server keeps it; its size is in pixels. */
export interface Picture {
  readonly url: string
  readonly width: number
  readonly height: number
}

/** One editing surface. Positions are UTF-16 code units of the document's Delta. */
export interface Editor {
  load(content: Delta): void
  /** Applies a change by others; it is no part of the user's undo history. */
  apply(change: Delta): void
  showPeers(peers: readonly Peer[]): void
  /** Shows what a change that the text already has put in; an empty one takes the marks away. */
  mark?(change: Delta): void
  /** Shows notes instead of those of the same layer; they go along with the text. */
  annotate(layer: NoteLayer, notes: readonly Note[]): Promise<void>
  /** Applies a change and shows notes on the text that it leads to, drawn at once: where twice would take long. */
  applyWith?(change: Delta, layer: NoteLayer, notes: readonly Note[]): void
  /** Puts in a picture, as the kind of document writes them. */
  insertPicture?(index: number, picture: Picture): void
  /** The place in the text at a point of the screen, in pixels of the window. */
  placeAt?(left: number, top: number): number | null
  setReadOnly(readOnly: boolean): void
  focus(): void
  /** Counts the changes of the text, whoever makes them. */
  readonly changes: ReadonlySignal<number>
  /** All of it, as plain text. */
  text(): string
  headings(): readonly Heading[]
  /** Where the caret is. */
  caret(): number
  /** Brings a position into view. */
  reveal(index: number): void
  /** Puts the caret there and brings it into view. */
  goTo(index: number): void
}

/** A line of the outline. */
export interface Heading {
  /** 1 is the highest. */
  readonly level: number
  readonly text: string
  readonly index: number
}

/** Composition often starts anew within this time, in ms; the editor also still reads the result. */
const COMPOSITION_REST = 50

/**
 * Holds remote changes while an input method composes: the browser owns the
 * text around the caret then, and touching it breaks the word being written.
 */
export function holdWhileComposing(element: HTMLElement, host: EditorHost): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  element.addEventListener('compositionstart', () => {
    clearTimeout(timer)
    host.hold()
  })
  const end = () => {
    clearTimeout(timer)
    timer = setTimeout(() => host.release(), COMPOSITION_REST)
  }
  element.addEventListener('compositionend', end)
  element.addEventListener('blur', end)
}
