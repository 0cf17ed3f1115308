import { compose, type Delta, textOf } from '../../delta'
import { type ChangeStyle, type Random, randomChange } from '../../testing/random'
import { Connection, type Socket } from '../connection'
import type { Kept } from '../device'
import { type DocumentListener, type Refused, SyncedDocument } from '../document'
import type { UnsentWork } from '../work'
import type { ModelServer, ModelSession } from './model-server'
import type { VirtualSchedule } from './virtual-schedule'

/** One socket between a client and the model server, with a queue each way. */
class Wire implements Socket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  private readonly up: string[] = []
  private readonly down: string[] = []
  private session: ModelSession | null = null
  private opened = false
  /** The client's end is gone. What it sent before may still arrive. */
  private clientGone = false

  constructor(private readonly server: ModelServer) {}

  send(text: string): void {
    if (!this.clientGone) this.up.push(text)
  }

  close(): void {
    this.clientGone = true
  }

  /** Cuts the path; what is under way is lost, or the client's part of it arrives late. */
  cut(random: Random): void {
    if (random.chance(0.5)) this.up.length = 0
    this.down.length = 0
    this.clientGone = true
    // A dead path may go unnoticed: then only the heartbeat finds out.
    if (random.chance(0.7)) this.onclose?.({ code: 1006 })
  }

  get idle(): boolean {
    const closing = this.clientGone && this.session !== null
    return (
      this.up.length === 0 && this.down.length === 0 && !closing && (this.opened || this.clientGone)
    )
  }

  step(random: Random): void {
    if (!this.opened && !this.clientGone) {
      this.opened = true
      this.session = this.server.open((message) => this.down.push(JSON.stringify(message)))
      this.onopen?.()
    } else if (this.up.length > 0 && (this.down.length === 0 || random.chance(0.5))) {
      const text = this.up.shift() as string
      if (this.session) this.server.receive(this.session, JSON.parse(text))
    } else if (this.down.length > 0 && !this.clientGone) {
      this.onmessage?.({ data: this.down.shift() })
    } else if (this.clientGone) {
      this.down.length = 0
      if (this.up.length === 0 && this.session) {
        this.server.close(this.session)
        this.session = null
      }
    }
  }
}

/** A browser tab: a document, its connection, and an editor that is just a Delta. */
export class SimulatedTab {
  shown: Delta | null = null
  /** A real editor to keep in step, if the test has one. */
  editor: { load(content: Delta): void; apply(change: Delta): void } | null = null
  readonly refusals: Refused[] = []
  readonly document: SyncedDocument
  readonly connection: Connection
  readonly wires: Wire[] = []
  /** What the device's storage holds: it may lag behind. */
  stored: UnsentWork | null = null

  constructor(
    private readonly random: Random,
    server: ModelServer,
    schedule: VirtualSchedule,
    work?: UnsentWork,
    kept?: Kept,
  ) {
    const listener: DocumentListener = {
      greeted: () => {},
      amended: () => {},
      stands: () => {},
      noticed: () => {},
      loaded: (content) => {
        this.shown = content
        this.editor?.load(content)
      },
      changed: (change) => {
        if (this.shown) this.shown = compose(this.shown, change)
        this.editor?.apply(change)
      },
      refused: (refused) => this.refusals.push(refused),
      updated: () => {
        if (random.chance(0.7)) this.store()
      },
      peersChanged: () => {},
      missed: () => {},
    }
    this.document = new SyncedDocument('D', listener, schedule, work)
    const open = () => {
      const wire = new Wire(server)
      this.wires.push(wire)
      return wire
    }
    // Whoever begins with a copy alone has a name of their own, so that their work can be kept.
    const id = work?.client ?? kept?.work?.client ?? (kept && `tab-${random.below(2 ** 40)}`)
    this.connection = new Connection({ open, schedule, ...(id ? { id } : {}) }, this.document)
    this.document.connection = this.connection
    if (kept) this.document.restore(kept)
    this.connection.start()
  }

  store(): void {
    this.stored = structuredClone(this.document.work())
  }

  edit(style: ChangeStyle): void {
    if (this.shown) this.type(randomChange(this.random, this.shown, style))
  }

  type(change: Delta): void {
    if (!this.shown) return
    this.shown = compose(this.shown, change)
    this.document.submit(change)
  }

  step(): void {
    const busy = this.wires.filter((wire) => !wire.idle)
    if (busy.length > 0) this.random.pick(busy).step(this.random)
  }

  cut(): void {
    this.wires.at(-1)?.cut(this.random)
  }

  /** The tab dies: nothing more is sent, what was sent may still arrive. */
  crash(): void {
    for (const wire of this.wires) {
      wire.onmessage = null
      wire.onclose = null
    }
    this.connection.close()
  }

  get settled(): boolean {
    return this.document.unsent.edits === 0 && this.wires.every((wire) => wire.idle)
  }
}

/** The text of all that work inserts. */
export const textIn = ({ inFlight, queued = [], pending }: UnsentWork): string =>
  [inFlight, ...queued].map((sent) => textOf(sent?.change ?? [])).join('') + textOf(pending ?? [])

/** Lets everything under way arrive and every timer fall due, until nobody has anything left. */
export function settle(tabs: readonly SimulatedTab[], schedule: VirtualSchedule): void {
  for (let round = 0; round < 400; round++) {
    for (let n = 0; n < 200; n++) for (const tab of tabs) tab.step()
    schedule.advance(round < 300 ? 100 : 5_000)
    if (round > 5 && tabs.every((tab) => tab.settled && tab.connection.state !== 'waiting')) break
  }
  // Dead paths nobody noticed yet: let the heartbeat find them.
  for (let round = 0; round < 40; round++) {
    schedule.advance(2_000)
    for (let n = 0; n < 50; n++) for (const tab of tabs) tab.step()
  }
}
