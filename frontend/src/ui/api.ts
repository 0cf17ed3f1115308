import { t } from '../i18n'
import { at } from '../place'
import { authorized } from '../sync/bearer'
import type { About, Kind } from '../sync/wire'

export interface DocumentInfo {
  readonly id: string
  readonly kind: Kind
  readonly title: string
}

const DOCUMENTS = at('api/v1/documents')

/** Why the server did not do what it was asked to, in the user's language. */
export function refusal(status: number): string {
  switch (status) {
    case 401:
    case 403:
      return t('problem.forbidden')
    case 404:
    case 410:
      return t('problem.missing')
    case 409:
    case 412:
      return t('problem.conflict')
    case 413:
      return t('problem.tooLarge')
    case 429:
      return t('problem.tooMany')
    case 502:
    case 503:
    case 504:
      return t('problem.restarting')
    default:
      return t('problem.unknown')
  }
}

/**
 * Asks the server; rejects with a sentence for the user when it says no or cannot be reached. What was asked reaches the
 * server even if the user leaves the page at once.
 */
async function ask<T>(path: string, method: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  const request = { method, headers, body: JSON.stringify(body), keepalive: true }
  const response = await fetch(path, authorized(request)).catch(() => {
    throw new Error(t('problem.unreachable'))
  })
  if (response.ok) return (await response.json()) as T
  throw new Error(refusal(response.status))
}

export const createDocument = (kind: Kind): Promise<DocumentInfo> =>
  ask(DOCUMENTS, 'POST', { kind, title: '' })

/** Changes what is known of a document beside its text. */
export const amendDocument = (id: string, change: Partial<About>): Promise<DocumentInfo> =>
  ask(`${DOCUMENTS}/${encodeURIComponent(id)}`, 'PATCH', change)
