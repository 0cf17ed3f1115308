import { type Delta, type JsonObject, transformPosition, untransformPosition } from '../delta'
import type { Cancel, Schedule } from './schedule'
import type { Unsent } from './unsent'
import { COLLECTION, type Outgoing, type PresenceMessage, RICH_TEXT } from './wire'

export interface Selection {
  /** UTF-16 code units from the start of the document. */
  readonly index: number
  readonly length: number
}

export interface Person {
  readonly name: string
  readonly color: string
  /** Whom to write to, to reach them and nobody else; missing while that is not known. */
  readonly person?: string
}

/** Somebody else who has the document open. */
export interface Peer extends Person {
  readonly id: string
  readonly selection: Selection | null
  /** When they last moved it themselves (schedule time). */
  readonly movedAt: number
  /** They may only read. */
  readonly reads: boolean
}

/** What presence needs to know of its document. */
export interface PresenceHost {
  readonly document: string
  readonly revision: number | null
  readonly readOnly: boolean
  readonly unsent: Unsent
  /** Changes that led from `revision` to the present one, oldest first; undefined if that is too long ago. */
  changesSince(revision: number): readonly CommittedChange[] | undefined
  send(message: Outgoing): boolean
  peersChanged(): void
}

export interface CommittedChange {
  readonly change: Delta
  readonly src: string
}

interface Known {
  readonly src: string
  readonly version: number
  readonly person: Person
  readonly reads: boolean
  selection: Selection | null
  movedAt: number
}

/** Least time between two announcements, in ms. */
const ANNOUNCE_EVERY = 60
/** The same for moves that everybody can work out from our edits. */
const CONFIRM_AFTER = 500
/** People whose names are remembered. */
const MAX_SEEN = 100
/** Messages about revisions we have not reached; more than these are stale before they matter. */
const MAX_EARLY = 200

/**
 * Who else is here and where. Other people's selections move through every
 * edit, so they stay right between announcements; an insertion at a caret
 * pushes it along only if it is by the caret's own author.
 */
export class Presence {
  /** Begins with the time, so that of two the one who came first is less. */
  readonly id: string
  private readonly peers = new Map<string, Known>()
  private early: PresenceMessage[] = []
  /** Everybody seen lately, by the name under which their changes come. */
  private readonly seen = new Map<string, Person>()
  private person: Person | null = null
  private selection: Selection | null = null
  private version = 0
  private subscriptions = 0
  private planned: Cancel | null = null
  private plannedFor = 0
  /** The last announcement was made with own work under way and may have lost precision. */
  private imprecise = false

  constructor(
    private readonly host: PresenceHost,
    private readonly schedule: Schedule,
  ) {
    const chance = Array.from({ length: 4 }, () => schedule.random().toString(36).slice(2, 8))
    this.id = [Date.now().toString(36), ...chance].join('')
  }

  get list(): readonly Peer[] {
    return [...this.peers].map(([id, known]) => ({
      id,
      ...known.person,
      selection: known.selection,
      movedAt: known.movedAt,
      reads: known.reads,
    }))
  }

  /** How many others are here. */
  get size(): number {
    return this.peers.size
  }

  get people(): Readonly<Record<string, Person>> {
    return Object.fromEntries(this.seen)
  }

  /** Takes over who was seen at an earlier time. */
  remember(people: Readonly<Record<string, Person>>): void {
    for (const [src, person] of Object.entries(people)) this.note(src, person)
  }

  private note(src: string, person: Person): void {
    this.seen.delete(src)
    this.seen.set(src, person)
    const [oldest] = this.seen.keys()
    if (this.seen.size > MAX_SEEN && oldest !== undefined) this.seen.delete(oldest)
  }

  introduce(person: Person): void {
    this.person = person
    this.plan(0)
  }

  /** Tells where the user's selection is, in the text as the user sees it. */
  select(selection: Selection | null): void {
    if (sameSelection(selection, this.selection)) {
      if (selection) this.plan(CONFIRM_AFTER)
      return
    }
    this.selection = selection
    this.plan(ANNOUNCE_EVERY)
  }

  connected(): void {
    this.subscriptions++
    this.host.send({ a: 'ps', ch: this.channel, seq: this.subscriptions })
    this.plan(0)
  }

  disconnected(): void {
    this.peers.clear()
    this.early = []
    this.host.peersChanged()
  }

  /** Somebody asked everyone to say again where they are. */
  requested(): void {
    this.plan(0)
  }

  received(message: PresenceMessage): void {
    if (message.id === this.id) return
    const known = this.peers.get(message.id)
    if (known && message.version < known.version) return
    if (message.value === null) this.peers.delete(message.id)
    else if (this.host.revision === null || message.revision > this.host.revision) {
      if (this.early.length < MAX_EARLY) this.early.push(message)
      return
    } else this.place(message, message.value)
    this.host.peersChanged()
  }

  /** The document reached a new revision. */
  advanced(): void {
    const waiting = this.early
    this.early = []
    for (const message of waiting) this.received(message)
  }

  /** Nothing of ours is under way any more. */
  settled(): void {
    if (this.imprecise) this.plan(0)
  }

  /** The user changed the text. */
  movedByUser(change: Delta): void {
    this.selection = moved(this.selection, change, false)
    this.movePeers(change, '')
  }

  /** Somebody else changed the text; `change` as it applies to what the user sees. */
  movedByOthers(change: Delta, src: string): void {
    this.selection = moved(this.selection, change, true)
    this.movePeers(change, src)
  }

  private movePeers(change: Delta, src: string): void {
    for (const known of this.peers.values()) {
      known.selection = moved(known.selection, change, known.src !== src)
      if (known.src === src) known.movedAt = this.schedule.now()
    }
  }

  private get channel(): string {
    return `${COLLECTION}.${this.host.document}`
  }

  private place(message: PresenceMessage, value: JsonObject): void {
    const since = this.host.changesSince(message.revision)
    let selection = since ? selectionIn(value) : null
    for (const { change, src } of since ?? []) {
      selection = moved(selection, change, src !== message.src)
    }
    for (const change of this.host.unsent.changes) selection = moved(selection, change, true)
    const known = this.peers.get(message.id)
    const still = known !== undefined && sameSelection(known.selection, selection)
    const person = personIn(value)
    this.note(message.src, person)
    this.peers.set(message.id, {
      src: message.src,
      version: message.version,
      person,
      reads: value.reads === true,
      selection,
      movedAt: still ? known.movedAt : this.schedule.now(),
    })
  }

  /** Announces in `milliseconds`, or earlier if that is planned already. */
  private plan(milliseconds: number): void {
    const due = this.schedule.now() + milliseconds
    if (this.planned && this.plannedFor <= due) return
    this.planned?.()
    this.plannedFor = due
    this.planned = this.schedule.after(milliseconds, () => {
      this.planned = null
      this.announce()
    })
  }

  private announce(): void {
    const { revision, unsent, document } = this.host
    if (revision === null || !this.person) return
    const person: JsonObject = { ...this.person }
    this.imprecise = unsent.edits > 0
    const selection = this.selection && this.beforeOwnWork(this.selection)
    const reads = this.host.readOnly ? { reads: true } : {}
    const p: JsonObject = { ...selection, ...person, ...reads }
    this.host.send({
      a: 'p',
      ch: this.channel,
      id: this.id,
      p,
      pv: this.version++,
      c: COLLECTION,
      d: document,
      v: revision,
      t: RICH_TEXT,
    })
  }

  /** The selection in the server's text. Whoever receives it moves it through our edits again. */
  private beforeOwnWork(selection: Selection): Selection {
    const { changes } = this.host.unsent
    const back = (position: number) =>
      changes.reduceRight((at, change) => untransformPosition(change, at), position)
    const index = back(selection.index)
    return { index, length: Math.max(0, back(selection.index + selection.length) - index) }
  }
}

function moved(selection: Selection | null, change: Delta, stay: boolean): Selection | null {
  if (!selection) return null
  const index = transformPosition(change, selection.index, stay)
  const end = transformPosition(change, selection.index + selection.length, stay)
  return { index, length: end - index }
}

const sameSelection = (a: Selection | null, b: Selection | null) =>
  a?.index === b?.index && a?.length === b?.length

function selectionIn(value: JsonObject): Selection | null {
  const { index, length } = value
  if (typeof index !== 'number' || !(index >= 0)) return null
  return { index, length: typeof length === 'number' && length > 0 ? length : 0 }
}

/** Strangers may send anything: a name is cut and may be empty, a colour must be one. */
function personIn(value: JsonObject): Person {
  const name = typeof value.name === 'string' ? value.name.trim().slice(0, 60) : ''
  const color = typeof value.color === 'string' ? value.color : ''
  const person = typeof value.person === 'string' ? value.person.slice(0, 60) : ''
  return {
    name,
    color: /^#[0-9a-f]{6}$/i.test(color) ? color : '#6b7280',
    ...(person ? { person } : {}),
  }
}
