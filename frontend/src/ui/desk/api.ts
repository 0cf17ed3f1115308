import { t } from '../../i18n'
import { at } from '../../place'
import { authorized } from '../../sync/bearer'
import type { Kind } from '../../sync/wire'
import { refusal } from '../api'

/** Times are milliseconds since 1970. */
interface Listed {
  readonly id: string
  readonly kind: Kind
  readonly title: string
  readonly created: number
  readonly modified: number
}

export interface Mine extends Listed {
  readonly role: string
  readonly tags: readonly string[]
}

export interface Trashed extends Listed {
  readonly trashed: number
  /** When it is removed for good; absent if somebody has to do that. */
  readonly until?: number
}

export type Sorting = 'modified' | 'title' | 'created'

/** What of the list is wanted. */
export interface Query {
  readonly search: string
  readonly sort: Sorting
  readonly tag: string
}

export interface Tag {
  readonly tag: string
  readonly documents: number
}

export interface Page<T> {
  readonly documents: readonly T[]
  /** Where the next page begins; '' at the end of the list. */
  readonly next: string
}

export type MinePage = Page<Mine> & { readonly tags: readonly Tag[] }

/** Asks the server; rejects with a sentence for the user. */
async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const request = body
    ? { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    : { method }
  const answer = await fetch(at(`api/v1/${path}`), authorized(request)).catch(() => {
    throw new Error(t('problem.unreachable'))
  })
  if (!answer.ok) throw new Error(refusal(answer.status))
  return (answer.status === 204 ? undefined : await answer.json()) as T
}

export const listMine = (query: Query, after: string): Promise<MinePage> =>
  ask('GET', `me/documents?${new URLSearchParams({ ...query, after })}`)

/** Gives a document these tags and no others; answers them as the server has tidied them. */
export const tagDocument = (id: string, tags: readonly string[]) =>
  ask<{ tags: string[] }>('PUT', `documents/${id}/tags`, { tags })

export const moveToTrash = (id: string) => ask<Trashed>('DELETE', `documents/${id}`)

export const listTrash = (after: string): Promise<Page<Trashed>> =>
  ask('GET', `trash?${new URLSearchParams({ after })}`)

export const restoreDocument = (id: string) => ask<Listed>('POST', `trash/${id}/restore`)

export const discardDocument = (id: string) => ask<void>('DELETE', `trash/${id}`)

export const emptyTrash = () => ask<void>('DELETE', 'trash')

/** Makes the documents the user's own that they have as a guest of this browser. */
export const claimDocuments = () => ask<{ documents: number }>('POST', 'me/documents')
