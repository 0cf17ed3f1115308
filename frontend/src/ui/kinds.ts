import type { Kind } from '../sync/wire'

export interface KindText {
  readonly kind: Kind
  readonly name: string
  readonly purpose: string
  /** Shown in place of an empty title. */
  readonly untitled: string
}

export const KINDS: readonly KindText[] = [
  {
    kind: 'rich',
    name: 'Rich text',
    purpose: 'Headings, lists and links as you see them',
    untitled: 'Untitled document',
  },
  {
    kind: 'markdown',
    name: 'Markdown',
    purpose: 'Plain text with light marks',
    untitled: 'Untitled Markdown',
  },
  { kind: 'text', name: 'Plain text', purpose: 'Nothing but words', untitled: 'Untitled text' },
  {
    kind: 'code',
    name: 'Code',
    purpose: 'Line numbers; colours by file name',
    untitled: 'Untitled code',
  },
]

export const textFor = (kind: Kind): KindText =>
  KINDS.find((text) => text.kind === kind) ?? (KINDS[0] as KindText)
