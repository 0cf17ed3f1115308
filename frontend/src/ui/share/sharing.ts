import { batch, computed, signal } from '@preact/signals'
import { pageOf } from '../address'
import { copy } from '../document/copy'
import type { DocumentPage } from '../document/page'
import {
  type Access,
  type General,
  type Link,
  type LinkRequest,
  type LinkRole,
  type Refused,
  type Role,
  ShareApi,
  type SharedWith,
} from './api'
import { s } from './texts'

const LINK_ROLES: readonly LinkRole[] = ['viewer', 'commenter', 'editor']

/** A link and the address that it is known by, below no other. */
export interface Shown {
  readonly role: LinkRole
  readonly address: string
}

/** Somebody who has been here, and has no role of their own. */
export interface Candidate {
  readonly person: string
  readonly name: string
}

/** Who has access to a document, and what its owner does about that. Lives as long as the page. */
export class Sharing {
  readonly access = signal<Access | null>(null)
  readonly links = signal<readonly Link[]>([])
  readonly problem = signal('')
  /** The link that was made last. Its key is known until the page is left, so that copying it again makes no other. */
  readonly made = signal<Shown | null>(null)
  /** Which link was copied last. */
  readonly copied = signal<LinkRole | null>(null)
  private readonly writers = signal<Readonly<Record<string, { name: string }>>>({})
  private readonly api: ShareApi
  /** What was asked for last. */
  private doing = Promise.resolve(true)
  /** Links that were made by copying them. */
  private readonly quick = new Map<LinkRole, Link>()

  constructor(private readonly page: DocumentPage) {
    this.api = new ShareApi(page.id)
  }

  readonly isOwner = computed(() => this.access.value?.may.includes('share') === true)

  /** What a link must give to give more than the address does. */
  readonly rolesOfLinks = computed(() => {
    const general = this.access.value?.general
    if (!general || general === 'restricted') return LINK_ROLES
    return LINK_ROLES.slice(LINK_ROLES.indexOf(general) + 1)
  })

  /** The links that one click copies: what the address gives, and what else people mostly want. */
  readonly rolesToCopy = computed((): readonly LinkRole[] => {
    const general = this.access.value?.general
    if (!general) return []
    if (!this.isOwner.value) return general === 'restricted' ? [] : [general]
    if (general === 'editor') return ['editor']
    return [general === 'restricted' ? 'viewer' : general, 'editor']
  })

  /** The link to show as a code: the one made last, or the address if that opens the document. */
  readonly shown = computed((): Shown | null => {
    const general = this.access.value?.general
    if (this.made.value || !general || general === 'restricted') return this.made.value
    return { role: general, address: this.address }
  })

  /** The names of those who wrote or are here. */
  private readonly names = computed((): ReadonlyMap<string, string> => {
    const names = new Map<string, string>()
    for (const [person, { name }] of Object.entries(this.writers.value)) names.set(person, name)
    for (const { person, name } of this.page.peers.all.value) if (person) names.set(person, name)
    return names
  })

  /** Those with a role of their own. Who has not told the server a name is known by the one they have here. */
  readonly people = computed((): readonly SharedWith[] =>
    (this.access.value?.people ?? []).map((one) => ({
      ...one,
      name: one.name || (this.names.value.get(one.person) ?? ''),
    })),
  )

  /** Those who wrote or are here, and have no role yet. */
  readonly candidates = computed((): readonly Candidate[] => {
    const taken = new Set(this.people.value.map(({ person }) => person))
    return [...this.names.value]
      .filter(([person, name]) => name && !taken.has(person) && person !== this.access.value?.me)
      .map(([person, name]) => ({ person, name }))
      .sort((a, b) => a.name.localeCompare(b.name))
  })

  /** Asks anew; called whenever the dialog opens. */
  async open(): Promise<void> {
    this.made.value = null
    this.copied.value = null
    await this.attempt(async () => {
      this.access.value = await this.api.readAccess()
      if (!this.isOwner.value) return
      const [links, writers] = await Promise.all([this.api.links(), this.api.people()])
      batch(() => {
        this.links.value = links
        this.writers.value = writers
      })
    })
  }

  async setGeneral(general: General): Promise<void> {
    batch(() => {
      this.made.value = null
      this.copied.value = null
      this.show((access) => ({ ...access, general }))
    })
    await this.change({ general })
  }

  /** Gives somebody a role, or takes theirs away. */
  async setRole(person: string, role: Role | null): Promise<void> {
    const name = this.candidates.value.find((one) => one.person === person)?.name ?? ''
    this.show(({ people = [], ...access }) => {
      const known = people.find((one) => one.person === person)
      if (!role) return { ...access, people: people.filter((one) => one !== known) }
      if (!known) return { ...access, people: [...people, { person, name, role }] }
      return { ...access, people: people.map((one) => (one === known ? { ...one, role } : one)) }
    })
    await this.change({ people: { [person]: role } })
  }

  /** Copies the link that gives a role, which is made if the address does not give it. */
  async copyLink(role: LinkRole): Promise<void> {
    if (role === this.access.value?.general) await this.copyShown({ role, address: this.address })
    else {
      const works = this.links.value.some(
        ({ id, works }) => works && id === this.quick.get(role)?.id,
      )
      const link = works ? this.quick.get(role) : await this.make({ role })
      if (!link) return
      this.quick.set(role, link)
      const shown = shownOf(link)
      this.made.value = shown
      await this.copyShown(shown)
    }
  }

  async copyShown({ role, address }: Shown): Promise<void> {
    this.problem.value = ''
    const done = await copy(address)
    batch(() => {
      this.copied.value = done ? role : null
      if (done) return
      this.made.value = { role, address }
      this.problem.value = s('copy.byHand')
    })
  }

  /** Makes a link and shows it; says whether that was done. */
  async makeLink(wanted: LinkRequest): Promise<boolean> {
    const link = await this.make(wanted)
    if (!link) return false
    this.made.value = shownOf(link)
    this.copied.value = null
    return true
  }

  async revoke(link: Link): Promise<void> {
    await this.attempt(async () => {
      await this.api.revokeLink(link.id)
      this.made.value = null
      this.links.value = this.links.value.filter(({ id }) => id !== link.id)
    })
  }

  private get address(): string {
    return location.origin + pageOf(this.page.id)
  }

  private async make(wanted: LinkRequest): Promise<Link | null> {
    let made: Link | null = null
    await this.attempt(async () => {
      made = await this.api.makeLink(wanted)
      this.links.value = [...this.links.value, made]
    })
    return made
  }

  /** Shows at once what the user chose. */
  private show(chosen: (access: Access) => Access): void {
    const access = this.access.peek()
    if (access) this.access.value = chosen(access)
  }

  private async change(change: Parameters<ShareApi['changeAccess']>[0]): Promise<void> {
    const changed = await this.attempt(async () => {
      this.access.value = await this.api.changeAccess(change)
    })
    // Refused, perhaps because another owner was quicker: the user decides anew, on what is so now.
    if (!changed) this.access.value = await this.api.readAccess().catch(() => this.access.peek())
  }

  /** Does one thing after another, and says why if it could not be done. */
  private attempt(act: () => Promise<void>): Promise<boolean> {
    this.doing = this.doing.then(async () => {
      this.problem.value = ''
      try {
        await act()
        return true
      } catch (error) {
        const { status, message } = error as Refused
        this.problem.value = status === 422 ? s('links.many') : message
        return false
      }
    })
    return this.doing
  }
}

const shownOf = ({ role, path }: Link): Shown => ({ role, address: location.origin + path })
