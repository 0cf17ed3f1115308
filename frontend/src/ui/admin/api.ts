import { t } from '../../i18n'
import { at } from '../../place'
import { refusal } from '../api'

/** What a token makes of whoever shows it. */
export type TokenRole = 'viewer' | 'editor' | 'owner'

/** Times are milliseconds since 1970. */
export interface Token {
  readonly id: string
  readonly name: string
  readonly scope: { readonly role: TokenRole; readonly documents?: readonly string[] }
  readonly at: number
  readonly expires?: number
  /** The token itself, told once, when it is made. */
  readonly text?: string
}

export type TokenRequest = Pick<Token, 'name' | 'scope' | 'expires'>

/** A site that may embed documents. */
export interface Site {
  readonly id: string
  readonly name: string
  readonly origins: readonly string[]
  readonly documents?: readonly string[]
}

/** Asks the server; rejects with a sentence for the user. */
async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const request = body
    ? { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    : { method }
  const answer = await fetch(at(`api/v1/${path}`), request).catch(() => {
    throw new Error(t('problem.unreachable'))
  })
  if (!answer.ok) throw new Refused(answer.status)
  return (answer.status === 204 ? undefined : await answer.json()) as T
}

/** What the server refused: a sentence for the user, and its status. */
export class Refused extends Error {
  constructor(readonly status: number) {
    super(refusal(status))
  }
}

export const listTokens = async () => (await ask<{ tokens: Token[] }>('GET', 'tokens')).tokens
export const makeToken = (wanted: TokenRequest) => ask<Token>('POST', 'tokens', wanted)
export const revokeToken = (id: string) => ask<void>('DELETE', `tokens/${id}`)
export const listSites = async () => (await ask<{ sites: Site[] }>('GET', 'sites')).sites
