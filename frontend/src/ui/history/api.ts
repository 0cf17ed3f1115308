import type { Delta } from '../../delta'
import { t } from '../../i18n'
import { at } from '../../place'
import { authorized } from '../../sync/bearer'
import { refusal } from '../api'

/** Times are milliseconds since the epoch, lengths UTF-16 units. */
export interface Edit {
  /** Its first record; names the edit. */
  readonly from: number
  /** One above its last record. */
  readonly to: number
  readonly person: string
  readonly began: number
  readonly ended: number
  readonly changes: number
  readonly added: number
  readonly removed: number
  readonly restores?: boolean
}

/** A stretch of text and what happened to it; one that was removed is no part of the text. */
export interface Run {
  readonly length: number
  readonly change?: 'added' | 'removed' | 'formatted'
  readonly person?: string
  readonly time?: number
  readonly delta?: Delta
}

export interface AuthorRun {
  readonly length: number
  readonly person?: string
  readonly time?: number
  readonly revision: number
}

export interface Version {
  readonly id: string
  readonly name: string
  readonly revision: number
  readonly person: string
  readonly at: number
}

export type People = Readonly<Record<string, { readonly name: string; readonly color?: string }>>

export interface Overview {
  readonly revision: number
  readonly first: number
  readonly created: number
  readonly modified: number
  readonly bars: readonly { readonly person: string; readonly changes: number }[]
  readonly people: People
  readonly versions: readonly Version[]
  readonly me: string
  readonly owner: boolean
}

export interface Moment {
  readonly revision: number
  readonly delta: Delta
  readonly edit?: Edit
  readonly changes?: readonly Run[]
  readonly authors?: readonly AuthorRun[]
}

export interface Difference {
  readonly from: number
  readonly to: number
  readonly delta: Delta
  readonly runs: readonly Run[]
}

export interface Step {
  readonly revision: number
  readonly person: string
  readonly time: number
  readonly delta: Delta
}

export interface Restored {
  readonly base: number
  readonly revision: number
}

export interface UndoPreview {
  readonly revision: number
  readonly delta: Delta
  readonly removes: number
  readonly restores: number
}

export interface Blame {
  readonly revision: number
  readonly runs: readonly AuthorRun[]
  readonly people: People
}

/** What the server refused, with a sentence for the user and its status; 0 if it cannot be reached. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    sentence: string,
  ) {
    super(sentence)
  }
}

/** A document's history on the server. What it does not do is refused with a sentence for the user. */
export class HistoryApi {
  constructor(private readonly document: string) {}

  overview = () => this.ask<Overview>('GET', 'history?bars=240')
  edits = (before: number | undefined) =>
    this.ask<{ edits: Edit[]; next?: number }>(
      'GET',
      before === undefined ? 'changes' : `changes?before=${before}`,
    )
  editFrom = (revision: number) =>
    this.ask<{ edits: Edit[] }>('GET', `changes?after=${revision}&limit=1`)
  moment = (revision: number, authors: boolean) =>
    this.ask<Moment>('GET', `revisions/${revision}?with=changes${authors ? ',authors' : ''}`)
  revisionAt = (time: number) => this.ask<{ revision: number }>('GET', `revisions?at=${time}`)
  difference = (from: number, to: number) =>
    this.ask<Difference>('GET', `diff?from=${from}&to=${to}`)
  steps = (from: number, to: number) =>
    this.ask<{ steps: Step[]; to: number }>('GET', `steps?from=${from}&to=${to}`)
  blame = () => this.ask<Blame>('GET', 'blame')
  restore = (revision: number) => this.ask<Restored>('POST', 'restore', { revision })
  previewUndo = (person: string, from: number, to: number) =>
    this.ask<UndoPreview>('GET', `undo?person=${person}&from=${from}&to=${to}`)
  undo = (person: string, from: number, to: number) =>
    this.ask<Restored>('POST', 'undo', { person, from, to })
  nameVersion = (name: string, revision: number) =>
    this.ask<Version>('POST', 'versions', { name, revision })
  renameVersion = (id: string, name: string) =>
    this.ask<Version>('PATCH', `versions/${id}`, { name })
  deleteVersion = (id: string) => this.ask<void>('DELETE', `versions/${id}`)
  fork = (revision: number, history: boolean) =>
    this.ask<{ id: string }>('POST', 'forks', { revision, history })
  redact = (revision: number, index: number, length: number) =>
    this.ask<unknown>('POST', 'redactions', { revision, index, length })
  nameMe = (name: string, color: string) => this.ask<unknown>('PUT', 'people/me', { name, color })

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const request: RequestInit = { method }
    if (body) {
      request.headers = { 'content-type': 'application/json' }
      request.body = JSON.stringify(body)
    }
    const address = at(`api/v1/documents/${encodeURIComponent(this.document)}/${path}`)
    const response = await fetch(address, authorized(request)).catch(() => {
      throw new Refused(0, t('problem.unreachable'))
    })
    if (!response.ok) throw new Refused(response.status, refusal(response.status))
    return (response.status === 204 ? undefined : await response.json()) as T
  }
}
