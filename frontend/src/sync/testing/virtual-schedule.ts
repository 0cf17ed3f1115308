import type { Random } from '../../testing/random'
import type { Schedule } from '../schedule'

interface Planned {
  readonly at: number
  readonly run: () => void
}

/** Time that passes only when a test says so. */
export class VirtualSchedule implements Schedule {
  private time = 0
  private planned: Planned[] = []

  constructor(private readonly chance: Random) {}

  now(): number {
    return this.time
  }

  after(milliseconds: number, run: () => void): () => void {
    const planned = { at: this.time + milliseconds, run }
    this.planned.push(planned)
    return () => {
      this.planned = this.planned.filter((other) => other !== planned)
    }
  }

  soon(run: () => void): () => void {
    return this.after(0, run)
  }

  random(): number {
    return this.chance.next()
  }

  /** Somebody works for so long: time passes, and nothing that falls due runs yet. */
  busy(milliseconds: number): void {
    this.time += milliseconds
  }

  /** Lets time pass, running what falls due in order. */
  advance(milliseconds: number): void {
    const end = this.time + milliseconds
    for (;;) {
      const due = this.planned.filter((p) => p.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.planned = this.planned.filter((p) => p !== due)
      this.time = Math.max(this.time, due.at)
      due.run()
    }
    this.time = Math.max(this.time, end)
  }
}
