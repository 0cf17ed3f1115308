import { at, root } from '../place'

const ID = /^[A-Za-z0-9_-]{1,128}$/

/** The page of a document. */
export const pageOf = (id: string) => at(`d/${id}`)

/** The document that a page's path names. */
export function documentIn(path: string): string | null {
  if (!path.startsWith(root)) return null
  const id = /^(?:d|embed)\/([^/]+)\/?$/.exec(path.slice(root.length))?.[1] ?? ''
  return ID.test(id) ? id : null
}

/** The document that a pasted link or ID names, or null when it names none. */
export function documentFromInput(input: string): string | null {
  const text = input.trim()
  if (ID.test(text)) return text
  try {
    return documentIn(new URL(text, location.href).pathname)
  } catch {
    return null
  }
}
