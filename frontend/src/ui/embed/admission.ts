import { at } from '../../place'
import { bear } from '../../sync/bearer'
import { given } from '../person'
import { Refusal } from './host'

/** What the server gives for a token. */
interface Session {
  readonly session: string
  /** The ID of the document that it is for, or the beginning of some and a "*". */
  readonly document: string
  readonly role: string
  readonly name?: string
  readonly color?: string
  /** In milliseconds: since 1970, and from now. */
  readonly expires: number
  readonly expiresIn: number
  /** Whose pages may have it. */
  readonly origins: readonly string[]
}

/** What the host is told of the token that it gave. `exp` is in seconds since 1970, as in the token. */
export interface Admitted {
  readonly role: string
  readonly exp: number
}

/** Why another token is needed. */
export type Need = 'start' | 'expiring' | 'expired'

/** How long before its end a session is to be renewed, in ms; shorter ones at half of their time. */
const RENEW_BEFORE = 60_000

/** Says who the user is by what the host's server has signed. The token, and what stands for it, are in memory only. */
export class Admission {
  /** Whether the session has expired and no other was begun. */
  expired = false
  private timers: ReturnType<typeof setTimeout>[] = []
  private exp = 0

  /** `origin` is the host's, or '' where it has not said anything. */
  constructor(
    private readonly document: string,
    private readonly origin: () => string,
    private readonly needed: (reason: Need, exp: number) => void,
  ) {}

  /** Exchanges a token for a session, and goes on with that: on the connection that there is, if there is one. */
  async show(token: unknown): Promise<Admitted> {
    if (typeof token !== 'string') throw new Refusal('bad-request', 'A token is a text.')
    const session = await exchange(token)
    const origin = this.origin()
    if (origin && !session.origins.includes(origin)) {
      throw new Refusal('origin-refused', `The token is not for ${origin}.`)
    }
    if (!covers(session.document, this.document)) {
      throw new Refusal('token-invalid', 'The token is for another document.')
    }
    this.begin(session)
    return { role: session.role, exp: this.exp }
  }

  private begin({ session, name, color, expires, expiresIn }: Session): void {
    this.expired = false
    this.exp = Math.floor(expires / 1000)
    for (const timer of this.timers) clearTimeout(timer)
    const soon = Math.max(expiresIn - RENEW_BEFORE, expiresIn / 2)
    this.timers = [
      setTimeout(() => this.needed('expiring', this.exp), soon),
      setTimeout(() => this.end(), expiresIn),
    ]
    document.documentElement.toggleAttribute('data-named', Boolean(name))
    given.value = { ...(name && { name }), ...(color && { color }) }
    bear(session)
  }

  /** The session has expired, by our clock or by the server's word. */
  end(): void {
    if (this.expired) return
    this.expired = true
    this.needed('expired', this.exp)
  }
}

function covers(pattern: string, document: string): boolean {
  if (!pattern.endsWith('*')) return pattern === document
  return document.startsWith(pattern.slice(0, -1))
}

async function exchange(token: string): Promise<Session> {
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  }
  const answer = await fetch(at('api/v1/sessions'), request).catch(() => null)
  if (answer?.ok) return (await answer.json()) as Session
  if (!answer || answer.status >= 500 || answer.status === 429) {
    throw new Refusal('server-busy', 'The server cannot be reached, or is busy.')
  }
  const { code } = (await answer.json().catch(() => ({}))) as { code?: string }
  if (code === 'token-expired') throw new Refusal(code, 'The token has expired.')
  throw new Refusal('token-invalid', 'The token is not believed.')
}
