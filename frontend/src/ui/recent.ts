import type { Kind } from '../sync/wire'

/** A document opened on this device. */
export interface Recent {
  readonly id: string
  readonly kind: Kind
  readonly title: string
  /** Milliseconds since 1970. */
  readonly opened: number
}

const KEY = 'quire:recent'
const MOST = 50

const isRecent = (value: unknown): value is Recent => {
  const { id, kind, opened } = (value ?? {}) as Partial<Recent>
  return typeof id === 'string' && typeof kind === 'string' && typeof opened === 'number'
}

export function recentDocuments(): Recent[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isRecent) : []
  } catch {
    return []
  }
}

function store(documents: readonly Recent[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(documents.slice(0, MOST)))
  } catch {
    // Without storage there is no list of recent documents; nothing else depends on it.
  }
}

export function remember(document: Recent): void {
  store([document, ...recentDocuments().filter(({ id }) => id !== document.id)])
}

export function forget(id: string): Recent[] {
  const left = recentDocuments().filter((document) => document.id !== id)
  store(left)
  return left
}
