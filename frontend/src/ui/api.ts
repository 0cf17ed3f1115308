import type { Kind } from '../sync/wire'

export interface DocumentInfo {
  readonly id: string
  readonly kind: Kind
  readonly title: string
}

const DOCUMENTS = '/api/v1/documents'

/**
 * Asks the server; rejects with a sentence for the user when it says no or cannot be reached. What was asked reaches the
 * server even if the user leaves the page at once.
 */
async function ask<T>(path: string, method: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  const request = { method, headers, body: JSON.stringify(body), keepalive: true }
  const response = await fetch(path, request).catch(() => {
    throw new Error('The server cannot be reached. Check your connection and try again.')
  })
  if (response.ok) return (await response.json()) as T
  const problem = (await response.json().catch(() => ({}))) as { detail?: string; title?: string }
  throw new Error(problem.detail ?? problem.title ?? 'The server could not do that. Try again.')
}

export const createDocument = (kind: Kind): Promise<DocumentInfo> =>
  ask(DOCUMENTS, 'POST', { kind, title: '' })

export const renameDocument = (id: string, title: string): Promise<DocumentInfo> =>
  ask(`${DOCUMENTS}/${encodeURIComponent(id)}`, 'PATCH', { title })
