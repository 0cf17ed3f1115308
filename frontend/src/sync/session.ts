import { type Claims, openClaims } from './claims'
import { Connection, type Socket } from './connection'
import { Courier } from './courier'
import { type DocumentListener, type Refused, SyncedDocument } from './document'
import { Keeper } from './keeper'
import { NoOutbox, type Outbox, openOutbox } from './outbox'
import { browserSchedule, type Schedule } from './schedule'

/** What the page tells the user about the safety of their text. */
export interface SavedState {
  readonly kind: 'loading' | 'saved' | 'saving' | 'offline' | 'connecting' | 'readonly' | 'error'
  /** Edits that the server has not confirmed. */
  readonly edits: number
  /** Whether those edits survive closing the tab. */
  readonly kept: boolean
}

export type SessionListener = Omit<DocumentListener, 'updated'> & {
  updated(saved: SavedState): void
}

const socketAddress = (document: string) =>
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/${encodeURIComponent(document)}`

/** Failed attempts after which "connecting" becomes "offline". */
const ATTEMPTS_BEFORE_OFFLINE = 1

/** When to look for work of tabs that are gone, in ms: soon after a reload, then now and then. */
const FIRST_LOOK = 1_500
const LOOK_EVERY = 15_000

/** Everything that keeps one open page in step: document, line, unsent work of this and earlier tabs. */
export class Session {
  readonly document: SyncedDocument
  private readonly connection: Connection
  private readonly schedule: Schedule = browserSchedule
  private outbox: Outbox = new NoOutbox()
  private claims: Claims | null = null
  private keeper: Keeper | null = null
  private claimed = false
  private leftBehind = 0
  private readonly couriers = new Set<string>()
  private everConnected = false
  private failedAttempts = 0

  constructor(
    readonly id: string,
    private readonly listener: SessionListener,
  ) {
    this.document = new SyncedDocument(
      id,
      { ...bound(listener), updated: () => this.updated() },
      this.schedule,
    )
    this.connection = new Connection(
      { open: this.openSocket, schedule: this.schedule },
      this.document,
    )
    this.document.connection = this.connection
    this.connection.onStateChange = () => this.connectionChanged()
  }

  start(): void {
    addEventListener('online', () => this.connection.doubt())
    addEventListener('offline', () => this.connection.doubt())
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.connection.doubt()
    })
    this.connection.start()
    void this.openStorage()
  }

  retryNow(): void {
    this.connection.retryNow()
  }

  get saved(): SavedState {
    const unsent = this.document.unsent.edits
    const kind = this.kind(unsent + this.leftBehind)
    const kept = this.claimed && this.outbox.lasting && this.keeper?.failed !== true
    // Whoever is offline may close the tab on the strength of this number.
    const sure = kind === 'offline' && kept ? Math.min(unsent, this.keeper?.edits ?? 0) : unsent
    return { kind, edits: sure + this.leftBehind, kept }
  }

  private readonly openSocket = (): Socket =>
    new WebSocket(socketAddress(this.id)) as unknown as Socket

  private kind(edits: number): SavedState['kind'] {
    const { state, readOnly } = this.document
    if (state === 'failed' || state === 'deleted' || this.connection.state === 'closed')
      return 'error'
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
    }
    this.updated()
  }

  private updated(): void {
    if (this.claimed) this.keeper?.keep(() => this.document.work())
    this.listener.updated(this.saved)
  }

  /** A record of ours may be stored only once other tabs can see that it has an owner. */
  private async claimId(): Promise<void> {
    if (this.claimed || !this.claims || !this.connection.id) return
    this.claimed = true
    await this.claims.claim(this.connection.id)
    this.updated()
  }

  private async openStorage(): Promise<void> {
    this.claims = openClaims()
    this.outbox = await openOutbox()
    this.keeper = new Keeper(this.outbox, () => this.listener.updated(this.saved))
    if (this.connection.state === 'connected') await this.claimId()
    this.watchLeftBehind(this.claims, FIRST_LOOK)
    await this.sendLeftBehind(this.claims)
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
      if (work.client === this.connection.id || this.couriers.has(work.client)) continue
      if (!(await claims.claim(work.client))) continue
      this.couriers.add(work.client)
      let left = 0
      new Courier(work, {
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
}

function bound(listener: SessionListener): Omit<DocumentListener, 'updated'> {
  return {
    greeted: (hello) => listener.greeted(hello),
    amended: (about) => listener.amended(about),
    loaded: (content) => listener.loaded(content),
    changed: (change) => listener.changed(change),
    refused: (refused) => listener.refused(refused),
    peersChanged: () => listener.peersChanged(),
  }
}
