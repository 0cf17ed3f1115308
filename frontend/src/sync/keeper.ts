import type { Outbox } from './outbox'
import { editsIn, type UnsentWork } from './work'

/**
 * Keeps the newest state of one client's unsent work in the outbox. While one
 * write is under way only the newest of the following states is remembered, so
 * fast typing never queues up writes.
 */
export class Keeper {
  /** The last write failed: this device keeps nothing at the moment. */
  failed = false
  /** How many edits the outbox has. */
  edits = 0
  private wanted: () => UnsentWork | null = () => null
  private stored: string | null = null
  private busy = false
  private stale = false

  /** onChange hears of every change of what is kept. */
  constructor(
    private readonly outbox: Outbox,
    private readonly onChange: () => void,
  ) {}

  /** Keeps what `work` answers when it is written: putting long work together takes time. */
  keep(work: () => UnsentWork | null): void {
    if (this.stored === null && !this.busy && !work()) return
    this.wanted = work
    this.stale = true
    if (!this.busy) void this.write()
  }

  private async write(): Promise<void> {
    this.busy = true
    while (this.stale) {
      this.stale = false
      const work = this.wanted()
      const before = this.edits
      const failed = !(await this.writeOnce(work))
      if (!failed) this.edits = work ? editsIn(work) : 0
      if (failed !== this.failed || this.edits !== before) {
        this.failed = failed
        this.onChange()
      }
    }
    this.busy = false
  }

  private async writeOnce(work: UnsentWork | null): Promise<boolean> {
    try {
      if (work) {
        this.stored = work.client
        await this.outbox.put(work)
      } else if (this.stored !== null) {
        await this.outbox.remove(this.stored)
        this.stored = null
      }
      return true
    } catch {
      return false
    }
  }
}
