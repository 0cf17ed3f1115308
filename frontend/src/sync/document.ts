import { Content, compose, type Delta, equalDelta, textOf } from '../delta'
import { Absence, type Missed } from './absence'
import type { Chat } from './chat'
import type { Connection, ConnectionListener } from './connection'
import type { Copy } from './copies'
import type { Kept } from './device'
import { Inbox, type InboxReader } from './inbox'
import { type CommittedChange, Presence, type PresenceHost, type Selection } from './presence'
import type { Schedule } from './schedule'
import { Undelivered } from './undelivered'
import { Unsent } from './unsent'
import {
  type About,
  COLLECTION,
  type Fetched,
  type Hello,
  type Incoming,
  type OpMessage,
  type Outgoing,
  type Standing,
  type WireError,
} from './wire'
import type { Submission, UnsentWork } from './work'

/** Work the server will never take, kept so that the user can copy it. */
export interface Refused {
  readonly error: WireError
  readonly text: string
}

export interface DocumentListener {
  /** Kind, title and limits are known. Comes again after every reconnect. */
  greeted(hello: Hello): void
  /** Title, kind or language changed. */
  amended(about: About): void
  /** The user may do other things than before. */
  stands(standing: Standing): void
  /** Whoever runs the server has something to say, or with '' nothing more. */
  noticed(text: string): void
  /** The whole content, anew. */
  loaded(content: Delta): void
  /** A change by others (or the undoing of a refused one) to apply to what was loaded. */
  changed(change: Delta): void
  refused(refused: Refused): void
  /** State or number of unsent edits changed. */
  updated(): void
  peersChanged(): void
  /** What others did while the user was away; it is in the text already. */
  missed(missed: Missed): void
}

export type DocumentState = 'loading' | 'live' | 'missing' | 'deleted' | 'failed'

/** Committed changes remembered to place late presence. */
const RECENT = 200
/** UTF-16 units of one submission when the server has not told its limit. */
const DEFAULT_BUDGET = 200_000
/** How often some of what was missed is shown while more is coming, in ms. All at once costs the editor least. */
const SHOWN_EVERY = 2_000

/** The server's log does not reach our revision, or ours is ahead of it: only a fresh copy helps. */
const UNREACHABLE = new Set([
  'ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT',
  'ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND',
])
/** The submission has no place in the log, and nobody loses anything by that. */
const HARMLESS = new Set(['ERR_NO_OP', 'ERR_OP_ALREADY_SUBMITTED'])
const GONE = new Set(['ERR_DOC_WAS_DELETED', 'ERR_DOC_DOES_NOT_EXIST'])

/**
 * One document kept in step with the server. The invariant: what the editor
 * shows equals the server's content at `revision`, then the submission in
 * flight, then pending work. Every message moves all of them together.
 */
export class SyncedDocument implements ConnectionListener, PresenceHost, InboxReader {
  state: DocumentState = 'loading'
  readOnly = false
  /** What is left of the user's rights here. */
  restrain = (standing: Standing): Standing => standing
  /** How many records of the log are in our copy; null before the first snapshot. */
  revision: number | null = null
  readonly unsent = new Unsent()
  readonly presence: Presence
  connection: Connection | null = null
  /** The conversation beside it, once somebody wants to see it. */
  chat: Chat | null = null

  private content: Content | null = null
  private readonly absence = new Absence()
  /**
   * What we missed is still coming. Own work is sent after it: moved over what others did it costs the server nothing, and
   * some of it may turn out to have arrived before.
   */
  catchingUp = false
  /** When something was last given to the editor, or we began to catch up, in schedule time. */
  private shownAt = 0
  /** All that was missed is here, and the user is to be told. */
  private caughtUp = false
  private recent: CommittedChange[] = []
  private budget = DEFAULT_BUDGET
  private fetchingFrom = -1
  private readonly inbox: Inbox
  private readonly undelivered = new Undelivered()

  constructor(
    readonly document: string,
    private readonly listener: DocumentListener,
    private readonly schedule: Schedule,
    work?: UnsentWork,
  ) {
    this.presence = new Presence(this, schedule)
    this.inbox = new Inbox(this, schedule)
    if (work) this.resume(work)
  }

  /** The user changed the text. `edit` applies to what the editor showed before it. */
  submit(edit: Delta): void {
    if (edit.length === 0) return
    this.absence.edited(edit)
    const change = this.undelivered.overtake(edit)
    this.unsent.add(change)
    this.presence.movedByUser(change)
    this.sendNext()
    this.listener.updated()
  }

  /** The user's selection is there in what the editor shows. */
  select(selection: Selection | null): void {
    this.presence.select(this.undelivered.place(selection))
  }

  /** Whether the editor shows everything that is known here; where others are refers to all of it. */
  get delivered(): boolean {
    return this.undelivered.isEmpty
  }

  /** Stops applying anything from the server, e.g. while an input method composes. Own work is still sent. */
  hold(): void {
    this.inbox.hold()
  }

  release(): void {
    this.inbox.release()
  }

  /**
   * Shows the document as this device has it, before the server has said anything. Work that was made earlier than the copy
   * is moved over the changes between.
   */
  restore({ copy, work }: Kept): void {
    if (this.revision !== null) return
    if (work) this.unsent.resume(work)
    this.recent = [...copy.recent]
    const missed = work ? copy.revision - work.revision : 0
    if (missed > 0) for (const { change } of copy.recent.slice(-missed)) this.unsent.rebase(change)
    this.presence.remember(copy.people)
    this.load({ revision: copy.revision, content: copy.content })
    this.absence.begin(copy.kept)
  }

  /** What to keep on this device to show the document without the server; null while there is none. */
  copy(): Pick<Copy, 'document' | 'revision' | 'content' | 'recent' | 'people'> | null {
    const { document, revision, content, recent } = this
    if (revision === null || !content) return null
    const { people } = this.presence
    return { document, revision, content: content.value(), recent: recent.slice(-RECENT), people }
  }

  /** Own work to keep on this device, or null when all of it is durable. */
  work(): UnsentWork | null {
    const client = this.connection?.id
    const { inFlight, queued, pending, pendingEdits, nextSeq, edits } = this.unsent
    if (!client || this.revision === null || edits === 0) return null
    const { document, revision } = this
    return { client, document, revision, nextSeq, inFlight, queued, pending, pendingEdits }
  }

  // Connection

  connected(): void {
    this.fetchingFrom = -1
    this.catchingUp = true
    this.shownAt = this.schedule.now()
    this.send({ a: 'q:hello', c: COLLECTION, d: this.document, bundles: true })
    this.presence.connected()
    this.chat?.connected()
    this.subscribe()
    this.listener.updated()
  }

  disconnected(): void {
    this.catchingUp = false
    this.inbox.plan()
    if (this.revision !== null) this.absence.begin(Date.now())
    this.presence.disconnected()
    this.listener.updated()
  }

  messageTooLarge(): void {
    if (!this.unsent.inFlight) return
    const message = 'The change is larger than the server accepts.'
    this.refuse({ code: 'ERR_MESSAGE_TOO_LARGE', message })
    this.deliver()
  }

  received(message: Incoming): void {
    if (message.a === 'q:hello') {
      if (message.standing) this.stand(message.standing)
      if (message.maxMessageBytes > 0) this.budget = Math.floor(message.maxMessageBytes / 4)
      this.listener.greeted(message)
    } else if (message.a === 'q:about') {
      this.listener.amended(message)
    } else if (message.a === 'q:notice') {
      this.listener.noticed(message.text)
    } else if (message.a === 'q:role') {
      this.stand(message.standing)
      this.listener.updated()
    } else if (message.a === 'chat') {
      this.chat?.received(message.raw)
    } else this.inbox.add(message.a === 'q:ops' ? message.ops : [message])
  }

  private stand(given: Standing): void {
    const standing = this.restrain(given)
    this.readOnly = !standing.may.includes('edit')
    this.listener.stands(standing)
  }

  // Presence

  send(message: Outgoing): boolean {
    return this.connection?.send(message) ?? false
  }

  changesSince(revision: number): readonly CommittedChange[] | undefined {
    const missed = (this.revision ?? 0) - revision
    if (missed > this.recent.length) return undefined
    return missed > 0 ? this.recent.slice(-missed) : []
  }

  peersChanged(): void {
    this.listener.peersChanged()
  }

  // Rounds of the inbox

  take(message: Incoming): void {
    if (message.a === 'op') this.takeOp(message)
    else if (message.a === 's' || message.a === 'f') this.takeFetched(message)
    else if (message.a === 'p') this.presence.received(message)
    else if (message.a === 'pr') this.presence.requested()
  }

  /** A round is over. One that was long leaves the editor to the next, unless that has waited for long. */
  taken(long: boolean): boolean {
    const later = long && this.schedule.now() - this.shownAt < SHOWN_EVERY
    if (later) this.listener.updated()
    else this.deliver()
    return later || (!this.catchingUp && (this.caughtUp || !this.delivered))
  }

  private deliver(): void {
    const due = !this.catchingUp || this.schedule.now() - this.shownAt > SHOWN_EVERY
    if (due && !this.delivered) this.handOver()
    else if (this.caughtUp && this.delivered) this.tellMissed()
    if (this.unsent.edits === 0) this.presence.settled()
    this.listener.updated()
  }

  private handOver(): void {
    const begin = this.schedule.now()
    const change = this.undelivered.next()
    if (change.length === 0) return
    this.absence.showed(change)
    this.listener.changed(change)
    this.shownAt = this.schedule.now()
    this.undelivered.took(this.shownAt - begin)
  }

  private tellMissed(): void {
    this.caughtUp = false
    const missed = this.absence.end()
    if (missed) this.listener.missed(missed)
  }

  // Records

  private takeOp(message: OpMessage): void {
    if (message.error) {
      if (this.isOwn(message)) this.refuse(message.error)
      return
    }
    if (message.created) this.reload()
    else if (this.revision === null) return
    else if (message.revision > this.revision) this.fetchMissing(this.revision)
    else if (message.revision === this.revision) this.takeNextRecord(message)
    // Our op came by as a stranger's and is in the text twice; take our copy back.
    else if (this.isOwn(message)) this.withdraw()
  }

  private takeNextRecord(message: OpMessage): void {
    if (message.deleted) this.gone()
    else if (this.isOwn(message) || this.isOwnLater(message)) this.takeOwn(message)
    else {
      this.apply(message.change ?? [], message.src)
      if (message.src === this.connection?.id) this.unsent.passed(message.seq)
    }
  }

  private isOwn(message: OpMessage): boolean {
    if (message.seq !== this.unsent.inFlightSeq) return false
    return message.src === this.connection?.id || message.error !== undefined
  }

  /** Our next submission, made by an earlier copy of us that could not note so on this device. */
  private isOwnLater(message: OpMessage): boolean {
    if (message.src !== this.connection?.id || this.unsent.inFlightSeq !== null) return false
    if (message.seq !== this.unsent.queuedSeq) return false
    return this.unsent.takeNext(this.budget)?.seq === message.seq
  }

  /** An earlier copy of us may have sent more under that number than it could note on this device. */
  private takeOwn(message: OpMessage): void {
    const { change, src } = message
    const mine = this.unsent.inFlight?.change ?? []
    if (!change || !this.content || sameOutcome(this.content.value(), mine, change)) {
      this.acknowledge(message)
      return
    }
    this.takeBack(this.content.value())
    this.apply(change, src)
    this.sendNext()
  }

  private acknowledge(message: OpMessage): void {
    const change = this.unsent.acknowledge()
    this.unsent.passed(message.seq)
    this.advance(change, message.src)
    this.sendNext()
  }

  private apply(committed: Delta, src: string): void {
    const change = this.unsent.rebase(committed)
    this.advance(committed, src)
    this.presence.movedByOthers(change, src)
    this.absence.took(src)
    this.undelivered.add(change)
  }

  private advance(change: Delta, src: string): void {
    this.revision = (this.revision ?? 0) + 1
    this.content?.apply(change)
    this.recent.push({ change, src })
    if (this.recent.length > 2 * RECENT) this.recent = this.recent.slice(-RECENT)
    this.presence.advanced()
  }

  // Own work

  private sendNext(): void {
    if (this.connection?.state !== 'connected' || this.revision === null) return
    if (this.catchingUp) return
    const submission = this.unsent.takeNext(this.budget)
    if (submission) this.transmit(submission)
  }

  private transmit(submission: Submission): void {
    const src = this.connection?.id
    if (!src || this.revision === null) return
    const { document, revision } = this
    const { seq, change } = submission
    this.send({ a: 'op', c: COLLECTION, d: document, v: revision, src, seq, x: {}, op: change })
  }

  private refuse(error: WireError): void {
    if (GONE.has(error.code)) this.gone()
    else if (UNREACHABLE.has(error.code)) this.startOver(error)
    else if (HARMLESS.has(error.code)) this.withdraw()
    else {
      if (error.code === 'ERR_OP_SUBMIT_REJECTED') this.readOnly = true
      const text = this.unsent.inFlight ? textOf(this.unsent.inFlight.change) : ''
      this.withdraw()
      this.listener.refused({ error, text })
    }
  }

  /** Undoes the submission in flight, and it alone. */
  private withdraw(): void {
    if (!this.content) {
      // Without the content nothing can be undone: what was typed after it has no place either.
      this.unsent.acknowledge()
      this.giveUpWork({ code: 'ERR_BASE_UNKNOWN', message: 'An earlier change was refused.' })
      return
    }
    this.takeBack(this.content.value())
    this.sendNext()
  }

  private takeBack(content: Delta): void {
    const undo = this.unsent.withdraw(content)
    this.presence.movedByOthers(undo, '')
    this.undelivered.add(undo)
  }

  /** Gives unsent work back to the user and takes a fresh copy. */
  private startOver(error: WireError): void {
    this.giveUpWork(error)
    this.reload()
  }

  private giveUpWork(error: WireError): void {
    if (this.unsent.edits === 0) return
    const text = textOf(this.unsent.change)
    this.unsent.clear()
    this.listener.refused({ error, text })
  }

  private gone(): void {
    this.state = 'deleted'
    this.giveUpWork({ code: 'ERR_DOC_WAS_DELETED', message: 'The document was deleted.' })
  }

  // Snapshots

  private subscribe(): void {
    this.send({ a: 's', c: COLLECTION, d: this.document, v: this.revision })
  }

  private reload(): void {
    this.revision = null
    this.content = null
    this.recent = []
    this.subscribe()
  }

  private fetchMissing(from: number): void {
    if (this.fetchingFrom === from) return
    this.fetchingFrom = from
    this.send({ a: 'f', c: COLLECTION, d: this.document, v: from })
  }

  private takeFetched(message: Fetched): void {
    if (message.a === 'f') this.fetchingFrom = -1
    const first = message.a === 's' && this.catchingUp
    if (message.a === 's') this.catchingUp = false
    if (message.error) {
      if (UNREACHABLE.has(message.error.code)) this.startOver(message.error)
      else if (message.a === 's') this.state = 'failed'
      return
    }
    const { snapshot } = message
    const { revision } = this
    if (snapshot && revision === null) this.load(snapshot)
    // An older answer, over the connection before, has been taken meanwhile.
    else if (snapshot && revision !== null && snapshot.revision > revision)
      this.fetchMissing(revision)
    if (message.a === 's') this.caughtUp = true
    if (first && this.unsent.inFlight) this.transmit(this.unsent.inFlight)
    else this.sendNext()
  }

  private load(snapshot: { revision: number; content: Delta | null }): void {
    if (!snapshot.content) {
      this.state = snapshot.revision > 0 ? 'deleted' : 'missing'
      return
    }
    this.state = 'live'
    this.revision = snapshot.revision
    this.content = new Content(snapshot.content)
    this.undelivered.clear()
    this.absence.end()
    this.listener.loaded(compose(snapshot.content, this.unsent.change))
    this.presence.advanced()
  }

  private resume(work: UnsentWork): void {
    this.revision = work.revision
    this.state = 'live'
    this.unsent.resume(work)
  }
}

/** Whether two changes make the same of a content. */
const sameOutcome = (content: Delta, one: Delta, other: Delta) =>
  equalDelta(one, other) || equalDelta(compose(content, one), compose(content, other))
