import { at, root } from '../place'

const ID = /^[A-Za-z0-9_-]{1,128}$/
const KEY = /^#k=([A-Za-z0-9_-]{1,128})$/

/** The page of a document. */
export const pageOf = (id: string) => at(`d/${id}`)

/** The document that a page's path names. */
export function documentIn(path: string): string | null {
  if (!path.startsWith(root)) return null
  const id = /^(?:d|embed)\/([^/]+)\/?$/.exec(path.slice(root.length))?.[1] ?? ''
  return ID.test(id) ? id : null
}

/** The key in the fragment of a link that gives more than the address does; '' if it has none. */
export const keyIn = (fragment: string): string => KEY.exec(fragment)?.[1] ?? ''

/** The page, with the link's key, that a pasted link or ID leads to; null when that names no document. */
export function pageFromInput(input: string): string | null {
  const text = input.trim()
  if (ID.test(text)) return pageOf(text)
  try {
    const { pathname, hash } = new URL(text, location.href)
    const id = documentIn(pathname)
    return id && pageOf(id) + (keyIn(hash) ? hash : '')
  } catch {
    return null
  }
}
