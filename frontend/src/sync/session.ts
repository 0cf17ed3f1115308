import { Belated } from './belated'
import type { Claims } from './claims'
import {
  CLOSE_DENIED,
  CLOSE_NO_SPACE,
  CLOSE_UNAUTHORIZED,
  Connection,
  type Socket,
} from './connection'
import { type Copies, NoCopies } from './copies'
import { type Device, findKept, type Kept, openDevice } from './device'
import { type DocumentListener, type Refused, SyncedDocument } from './document'
import { Keeper } from './keeper'
import { NoOutbox, type Outbox } from './outbox'
import { browserSchedule, type Cancel, type Schedule } from './schedule'
import { Ways } from './ways'
import type { About, Hello } from './wire'
import type { UnsentWork } from './work'

/** What the page tells the user about the safety of their text. */
export interface SavedState {
  readonly kind:
    | 'loading'
    | 'saved'
    | 'saving'
    | 'offline'
    | 'connecting'
    | 'readonly'
    | 'full'
    | 'denied'
    | 'error'
  /** Edits that the server has not confirmed. */
  readonly edits: number
  /** Whether those edits survive closing the tab. */
  readonly kept: boolean
}

export type SessionListener = Omit<DocumentListener, 'updated'> & {
  updated(saved: SavedState): void
}

/** Failed attempts after which "connecting" becomes "offline". */
const ATTEMPTS_BEFORE_OFFLINE = 1

/** When to look for work of tabs that are gone, in ms: soon after a reload, then now and then. */
const FIRST_LOOK = 1_500
const LOOK_EVERY = 15_000

/** How long a page waits for what this device has before it asks the server, in ms. A busy device takes seconds. */
const DEVICE_WITHIN = 5_000
/** How long changes rest before the copy on this device is renewed, in ms. */
const COPY_AFTER = 3_000

/** Everything that keeps one open page in step: document, line, unsent work of this and earlier tabs. */
export class Session {
  readonly document: SyncedDocument
  private readonly connection: Connection
  private readonly ways = new Ways(() => this.connection.renew())
  private readonly schedule: Schedule = browserSchedule
  private outbox: Outbox = new NoOutbox()
  private copies: Copies = new NoCopies()
  private about: About | null = null
  private copied = -1
  /** The steps of the user's work that are kept. */
  private keptSteps = -1
  private cancelCopy: Cancel | null = null
  private claims: Claims | null = null
  private keeper: Keeper | null = null
  private claimed = false
  private leftBehind = 0
  private readonly couriers = new Set<string>()
  private readonly belated = new Belated(
    (kept) => {
      this.restore(kept)
      void this.claimId()
    },
    (work) => void this.deliver(work),
  )
  private everConnected = false
  private failedAttempts = 0
  /** The server's disk was full when we last tried to save. */
  private full = false

  constructor(
    readonly id: string,
    private readonly listener: SessionListener,
  ) {
    this.document = new SyncedDocument(
      id,
      {
        ...bound(listener),
        greeted: (hello) => this.greeted(hello),
        amended: (about) => this.amended(about),
        updated: () => this.updated(),
      },
      this.schedule,
    )
    this.connection = new Connection(
      { open: this.openSocket, schedule: this.schedule },
      this.document,
    )
    this.document.connection = this.connection
    this.connection.onStateChange = () => this.connectionChanged()
  }

  /** `seen`: this device may have the document, so that it is worth a short wait to show that first. */
  start(seen: boolean): void {
    addEventListener('online', () => this.connection.doubt())
    addEventListener('offline', () => this.connection.doubt())
    addEventListener('pagehide', () => this.keepCopy())
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.connection.doubt()
      else this.keepCopy()
    })
    void this.begin(seen)
  }

  private async begin(seen: boolean): Promise<void> {
    const device = openDevice()
    const kept = seen ? device.then((found) => findKept(found, this.id)).catch(() => null) : null
    const tooLate = new Promise<null>((resolve) => {
      this.schedule.after(DEVICE_WITHIN, () => resolve(null))
    })
    const inTime = await Promise.race([kept, tooLate])
    if (inTime) this.restore(inTime)
    this.connection.start()
    const found = await kept
    if (found && found !== inTime) this.belated.arrived(found)
    await this.useDevice(await device)
  }

  /** Shows what this device has. Work made offline from now on has an owner, though the server has not named us yet. */
  private restore(kept: Kept): void {
    const { kind, language, title, revision } = kept.copy
    this.connection.id = kept.work?.client ?? newClientId()
    this.copied = revision
    this.greeted({ a: 'q:hello', kind, language, title, standing: null, maxMessageBytes: 0 })
    this.document.restore(kept)
  }

  /** The user may not, or no longer, open the document. */
  private get denied(): boolean {
    return this.connection.state === 'closed' && this.connection.closedWith === CLOSE_DENIED
  }

  get isConnected(): boolean {
    return this.connection.state === 'connected'
  }

  /** What the page shows has expired, and the line waits for something newer. */
  get isExpired(): boolean {
    return this.connection.state === 'waiting' && this.connection.closedWith === CLOSE_UNAUTHORIZED
  }

  retryNow(): void {
    this.connection.retryNow()
  }

  get saved(): SavedState {
    const unsent = this.document.unsent.edits
    const kind = this.kind(unsent + this.leftBehind)
    const kept = this.claimed && this.outbox.lasting && this.keeper?.failed !== true
    // Whoever is offline may close the tab on the strength of this number.
    const sure =
      (kind === 'offline' || kind === 'full') && kept
        ? Math.min(unsent, this.keeper?.edits ?? 0)
        : unsent
    return { kind, edits: sure + this.leftBehind, kept }
  }

  private readonly openSocket = (): Socket => this.ways.open(this.id)

  private kind(edits: number): SavedState['kind'] {
    const { state, readOnly } = this.document
    if (this.denied) return 'denied'
    if (state === 'failed' || state === 'deleted' || this.connection.state === 'closed')
      return 'error'
    if (this.full && edits > 0) return 'full'
    if (this.connection.state !== 'connected') {
      if (!this.everConnected && this.failedAttempts === 0) return 'loading'
      return this.failedAttempts > ATTEMPTS_BEFORE_OFFLINE || !navigator.onLine
        ? 'offline'
        : 'connecting'
    }
    if (state === 'loading') return 'loading'
    if (readOnly) return 'readonly'
    return edits > 0 ? 'saving' : 'saved'
  }

  private connectionChanged(): void {
    const { state } = this.connection
    if (state === 'connected') {
      this.everConnected = true
      this.failedAttempts = 0
      void this.claimId()
    } else if (state === 'waiting') {
      this.failedAttempts++
      this.full ||= this.connection.closedWith === CLOSE_NO_SPACE
      this.keepCopy()
    } else if (this.denied) void this.forgetCopy()
    this.updated()
  }

  private updated(): void {
    this.belated.settle(this.document, this.connection)
    const { edits, steps } = this.document.unsent
    if (edits === 0 && this.connection.state === 'connected') this.full = false
    this.planCopy()
    // Work that was only moved over what others did is as good as it was; it is renewed with the copy.
    if (steps !== this.keptSteps) this.keepWork()
    this.listener.updated(this.saved)
  }

  /** A record of ours may be stored only once other tabs can see that it has an owner. */
  private async claimId(): Promise<void> {
    if (this.claimed || !this.claims || !this.connection.id) return
    this.claimed = true
    await this.claims.claim(this.connection.id)
    this.updated()
  }

  private async useDevice({ claims, outbox, copies }: Device): Promise<void> {
    this.claims = claims
    this.outbox = outbox
    this.copies = copies
    this.keeper = new Keeper(outbox, () => this.listener.updated(this.saved))
    this.updated()
    if (this.connection.id) await this.claimId()
    this.watchLeftBehind(claims, FIRST_LOOK)
    await this.sendLeftBehind(claims)
  }

  private greeted(hello: Hello): void {
    this.about = hello
    this.listener.greeted(hello)
  }

  private amended(about: About): void {
    this.about = about
    this.listener.amended(about)
  }

  /** Renews the copy on this device when changes have rested for a while. */
  private planCopy(): void {
    const { state, revision } = this.document
    if (state === 'missing' || state === 'deleted') void this.forgetCopy()
    if (this.denied || revision === null || revision === this.copied || this.cancelCopy) return
    this.cancelCopy = this.schedule.after(COPY_AFTER, () => this.keepCopy())
  }

  private keepWork(): void {
    if (!this.claimed || !this.keeper) return
    this.keptSteps = this.document.unsent.steps
    this.keeper.keep(() => this.document.work())
  }

  private keepCopy(): void {
    this.cancelCopy?.()
    this.cancelCopy = null
    if (this.denied) return
    const copy = this.document.copy()
    if (!copy || !this.about || copy.revision === this.copied || this.document.state !== 'live')
      return
    const { kind, language, title } = this.about
    this.copied = copy.revision
    this.keepWork()
    // Without a copy the document cannot be opened offline, and nothing else changes.
    this.copies.keep({ ...copy, kind, language, title, kept: Date.now() }).catch(() => {})
  }

  private async forgetCopy(): Promise<void> {
    this.copied = -1
    await this.copies.remove(this.id).catch(() => {})
  }

  /** A tab may be closed, or finish dying, while this one is open. */
  private watchLeftBehind(claims: Claims, wait: number): void {
    this.schedule.after(wait, () => {
      void this.sendLeftBehind(claims)
      this.watchLeftBehind(claims, LOOK_EVERY)
    })
  }

  /** Takes over what tabs that are gone left unsent in this document. */
  private async sendLeftBehind(claims: Claims): Promise<void> {
    for (const work of await this.outbox.list(this.id)) {
      if (this.isOurs(work.client)) continue
      if (!(await claims.claim(work.client))) continue
      void this.deliver(work)
    }
  }

  private isOurs(client: string): boolean {
    return (
      client === this.connection.id || this.couriers.has(client) || this.belated.client === client
    )
  }

  /** Brings work of a tab that is gone to the server, beside our own. Few have any, so what does that is loaded now. */
  private async deliver(work: UnsentWork): Promise<void> {
    this.couriers.add(work.client)
    const loaded = await import('./courier').catch(() => null)
    if (!loaded) {
      this.couriers.delete(work.client) // it is looked for again
      return
    }
    let left = 0
    new loaded.Courier(work, {
      open: this.openSocket,
      schedule: this.schedule,
      outbox: this.outbox,
      onRefused: (refused: Refused) => this.listener.refused(refused),
      onProgress: (edits) => {
        this.leftBehind += edits - left
        left = edits
        this.updated()
      },
    })
  }
}

/** 132 random bits, as the server's own. */
function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(17))
  const text = btoa(String.fromCharCode(...bytes))
  return text.replaceAll('+', '-').replaceAll('/', '_').slice(0, 22)
}

type Passed = 'stands' | 'noticed' | 'loaded' | 'changed' | 'refused' | 'peersChanged' | 'missed'

function bound(listener: SessionListener): Pick<DocumentListener, Passed> {
  return {
    stands: (standing) => listener.stands(standing),
    noticed: (text) => listener.noticed(text),
    loaded: (content) => listener.loaded(content),
    changed: (change) => listener.changed(change),
    refused: (refused) => listener.refused(refused),
    peersChanged: () => listener.peersChanged(),
    missed: (missed) => listener.missed(missed),
  }
}
