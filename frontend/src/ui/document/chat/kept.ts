/** Small things about a document's conversation that this browser keeps. */
type What = 'unsaid' | 'read'

const key = (what: What, document: string) => `quire:${what}:${document}`

export function kept<T>(what: What, document: string): T | undefined {
  try {
    const text = localStorage.getItem(key(what, document))
    return text === null ? undefined : (JSON.parse(text) as T)
  } catch {
    return undefined
  }
}

export function keep(what: What, document: string, value: unknown): void {
  try {
    const nothing = Array.isArray(value) && value.length === 0
    if (nothing) localStorage.removeItem(key(what, document))
    else localStorage.setItem(key(what, document), JSON.stringify(value))
  } catch {
    // A browser that keeps nothing forgets what was read; a message that waits is sent while the tab is open.
  }
}
