import { computed, effect, signal } from '@preact/signals'
import { Chat, type Said, type Typist, type Unsaid } from '../../../sync/chat'
import { browserSchedule } from '../../../sync/schedule'
import type { DocumentPage } from '../page'
import { keep, kept } from './kept'

/** Somebody whom one can write to. */
export interface Correspondent {
  readonly person: string
  readonly name: string
}

/** The conversation beside a document as its panel shows it. */
export class Conversation {
  readonly said = signal<readonly Said[]>([])
  readonly unsaid = signal<readonly Unsaid[]>([])
  readonly typists = signal<readonly Typist[]>([])
  readonly hasOlder = signal(false)
  readonly person = signal('')
  /** Whom the next message is for; '' for everybody. */
  readonly to = signal('')
  /** How many messages the user has seen, those for others included. */
  readonly read = signal<number>(0)
  readonly unread = computed(() => this.said.value.filter((message) => this.isNew(message)).length)
  /** Everybody who is here or has said something, but the user. */
  readonly people = computed(() => this.everybody())
  /** Where the user had read to when the panel was opened. */
  newFrom = -1
  /** The panel was wanted before its code was there. */
  late: boolean
  private wasOpen = false
  private readonly chat: Chat

  constructor(private readonly page: DocumentPage) {
    const { document } = page.session
    this.late = page.chatOpen.peek()
    this.chat = new Chat(
      {
        document: page.id,
        get me() {
          return page.me.value
        },
        send: (message) => document.send(message),
        keep: (unsaid) => keep('unsaid', page.id, unsaid),
        changed: () => this.update(),
      },
      browserSchedule,
      kept<Unsaid[]>('unsaid', page.id) ?? [],
    )
    this.read.value = kept<number>('read', page.id) ?? -1
    document.chat = this.chat
    if (page.session.isConnected) this.chat.connected()
    effect(() => this.seen(page.chatOpen.value, this.said.value))
    this.update()
  }

  say(text: string): void {
    const mentions = this.people.value.filter(({ name }) => name && text.includes(`@${name}`))
    this.chat.say(
      text,
      this.to.value,
      mentions.map(({ person }) => person),
    )
  }

  writing(): void {
    this.chat.writing(this.to.value)
  }

  older(): void {
    this.chat.older()
  }

  forget(id: string): void {
    this.chat.forget(id)
  }

  nameOf(person: string): string {
    return this.people.value.find((other) => other.person === person)?.name ?? ''
  }

  private isNew({ n, person, to }: Said): boolean {
    if (person === this.person.value) return false
    // Whoever opens the document for the first time has read nothing, but only what is for them is news.
    return this.read.value < 0 ? to !== '' : n >= this.read.value
  }

  private seen(open: boolean, said: readonly Said[]): void {
    if (open && !this.wasOpen) this.newFrom = this.read.peek()
    this.wasOpen = open
    if (open && this.chat.count !== null) this.markRead(said)
  }

  private markRead(said: readonly Said[]): void {
    const count = Math.max(this.chat.count ?? 0, (said.at(-1)?.n ?? -1) + 1)
    if (count === this.read.peek()) return
    this.read.value = count
    keep('read', this.page.id, count)
  }

  private update(): void {
    const { said, unsaid, typists, hasOlder, person, count } = this.chat
    this.said.value = said
    this.unsaid.value = unsaid
    this.typists.value = [...typists.values()]
    this.hasOlder.value = hasOlder
    this.person.value = person
    this.page.personId.value = person
    // From the first visit on, what is said is news.
    if (this.read.peek() < 0 && count !== null && kept('read', this.page.id) === undefined) {
      if (!said.some(({ to }) => to !== '' && to === person)) this.markRead(said)
    }
  }

  private everybody(): Correspondent[] {
    const all = new Map<string, string>()
    for (const { person, name } of this.said.value) all.set(person, name)
    for (const { person, name } of this.page.peers.all.value) if (person) all.set(person, name)
    all.delete(this.person.value)
    return [...all].map(([person, name]) => ({ person, name }))
  }
}
