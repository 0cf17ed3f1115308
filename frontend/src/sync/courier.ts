import { Connection, type Socket } from './connection'
import { type Refused, SyncedDocument } from './document'
import { Keeper } from './keeper'
import type { Outbox } from './outbox'
import type { Schedule } from './schedule'
import { editsIn, type UnsentWork } from './work'

export interface CourierOptions {
  readonly open: () => Socket
  readonly schedule: Schedule
  readonly outbox: Outbox
  /** The number of edits left changed; 0 when all is delivered. */
  readonly onProgress: (edits: number) => void
  readonly onRefused: (refused: Refused) => void
}

/**
 * Brings work that an earlier tab left on this device to the server, under the
 * identities it was made with. It needs no content: changes are rebased over
 * what others did meanwhile, and the open document receives the outcome like
 * anybody's edit.
 */
export class Courier {
  readonly connection: Connection
  private readonly synced: SyncedDocument

  constructor(work: UnsentWork, options: CourierOptions) {
    const keeper = new Keeper(options.outbox, () => {})
    const updated = () => {
      const edits = this.synced.unsent.edits
      keeper.keep(() => this.synced.work())
      options.onProgress(edits)
      if (edits === 0) this.connection.close()
    }
    keeper.keep(() => work)
    this.synced = new SyncedDocument(
      work.document,
      {
        greeted: () => {},
        amended: () => {},
        stands: () => {},
        noticed: () => {},
        loaded: () => {},
        changed: () => {},
        refused: options.onRefused,
        peersChanged: () => {},
        missed: () => {},
        updated,
      },
      options.schedule,
      work,
    )
    const { open, schedule } = options
    this.connection = new Connection({ open, schedule, id: work.client }, this.synced)
    this.synced.connection = this.connection
    options.onProgress(editsIn(work))
    this.connection.start()
  }
}
