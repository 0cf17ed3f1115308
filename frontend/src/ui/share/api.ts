import { t } from '../../i18n'
import { at } from '../../place'
import { authorized } from '../../sync/bearer'
import { refusal } from '../api'

export type Role = 'viewer' | 'commenter' | 'editor' | 'owner'

/** What anyone with the address may do. */
export type General = LinkRole | 'restricted'

export interface SharedWith {
  readonly person: string
  /** Empty if they have not said one. */
  readonly name: string
  readonly color?: string
  readonly role: Role
}

export interface Access {
  readonly role: Role
  readonly may: readonly string[]
  readonly me: string
  readonly general: General
  /** For owners only; whoever created the document comes first. */
  readonly people?: readonly SharedWith[]
}

/** Times are milliseconds since 1970. */
export interface Link {
  readonly id: string
  readonly role: LinkRole
  readonly label: string
  readonly currentOnly: boolean
  readonly password: boolean
  readonly expires?: number
  readonly maxUses?: number
  readonly uses: number
  readonly lastUsed?: number
  /** False once it has expired or is used up. */
  readonly works: boolean
  /** Told once, when it is made: its address below the host. */
  readonly path?: string
}

export type LinkRole = Exclude<Role, 'owner'>

export interface LinkRequest {
  readonly role: LinkRole
  readonly label?: string
  readonly currentOnly?: boolean
  readonly password?: string
  readonly expires?: number
  readonly maxUses?: number
}

/** What the server refused: a sentence for the user, its status (0 if it cannot be reached) and the code of the reason. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code = '',
  ) {
    super(status === 0 ? t('problem.unreachable') : refusal(status))
  }
}

/** Who has access to a document, as the server keeps it. */
export class ShareApi {
  /** Of the access read last; a change is for what the user has seen. */
  private version = ''

  constructor(private readonly document: string) {}

  readAccess = () => this.access('GET')
  changeAccess = (change: { general?: General; people?: Record<string, Role | null> }) =>
    this.access('PATCH', change)

  async links(): Promise<readonly Link[]> {
    const answer = await this.ask('GET', 'links')
    return ((await answer.json()) as { links: Link[] }).links
  }

  async makeLink(wanted: LinkRequest): Promise<Link> {
    return (await (await this.ask('POST', 'links', wanted)).json()) as Link
  }

  async revokeLink(id: string): Promise<void> {
    await this.ask('DELETE', `links/${id}`)
  }

  /** Names of those who wrote. */
  async people(): Promise<Readonly<Record<string, { name: string; color?: string }>>> {
    const answer = await this.ask('GET', 'history?bars=1')
    return ((await answer.json()) as { people: Record<string, { name: string }> }).people
  }

  /** Exchanges a link's key for a cookie that opens the document, and for what a page shows that has no cookies. */
  async redeem(key: string, password: string): Promise<string> {
    const answer = await this.ask('POST', 'grants', password ? { key, password } : { key })
    return ((await answer.json()) as { grant: string }).grant
  }

  private async access(method: string, change?: object): Promise<Access> {
    const answer = await this.ask(method, 'access', change)
    this.version = answer.headers.get('etag') ?? ''
    return (await answer.json()) as Access
  }

  private async ask(method: string, path: string, body?: object): Promise<Response> {
    const headers: Record<string, string> = {}
    if (body) headers['content-type'] = 'application/json'
    if (method === 'PATCH') headers['if-match'] = this.version
    const address = at(`api/v1/documents/${encodeURIComponent(this.document)}/${path}`)
    const request = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) }
    const answer = await fetch(address, authorized(request)).catch(() => {
      throw new Refused(0)
    })
    if (answer.ok) return answer
    const { code } = (await answer.json().catch(() => ({}))) as { code?: string }
    throw new Refused(answer.status, code)
  }
}
