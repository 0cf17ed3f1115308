import type { Connection } from './connection'
import type { Kept } from './device'
import type { SyncedDocument } from './document'
import type { UnsentWork } from './work'

/**
 * What this device has of a document, found only after the server was asked for it. It is shown as long as nothing else is
 * and no connection bears our name: then it is as if we began only now. Once the server's content is here, work that was left
 * on this device has to go a way of its own.
 */
export class Belated {
  private kept: Kept | null = null

  constructor(
    private readonly show: (kept: Kept) => void,
    private readonly deliver: (work: UnsentWork) => void,
  ) {}

  /** Whose work waits here. */
  get client(): string | undefined {
    return this.kept?.work?.client
  }

  /** It has been found. */
  arrived(kept: Kept): void {
    this.kept = kept
  }

  /** Sees whether its time has come. */
  settle(document: SyncedDocument, connection: Connection): void {
    const { kept } = this
    if (!kept) return
    if (document.state !== 'loading') {
      this.kept = null
      if (kept.work) this.deliver(kept.work)
    } else if (connection.state === 'waiting') {
      this.kept = null
      this.show(kept)
    }
  }
}
