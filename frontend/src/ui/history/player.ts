import { signal } from '@preact/signals'
import { composeAll } from '../../delta'
import type { Step } from './api'
import type { Past } from './past'
import type { Stage } from './stage'

/** How many changes are played in a second, at speed 1. */
const RATE = 8
export const SPEEDS = [1, 4, 16, 64, 256] as const
/** How many are asked for at a time. */
const PAGE = 1000

/** Plays the history from the moment that is shown, change by change. Pauses of the authors are left out. */
export class Player {
  readonly playing = signal(false)
  readonly speed = signal<number>(4)
  private steps: readonly Step[] = []
  private due = 0
  private last = 0
  private fetching = false

  constructor(
    private readonly past: Past,
    private readonly stage: Stage,
  ) {}

  toggle(): void {
    if (this.playing.value) this.stop()
    else this.play()
  }

  stop(): void {
    if (!this.playing.peek()) return
    this.playing.value = false
    this.past.go(this.past.wanted.value)
  }

  private play(): void {
    // At the end there is nothing to play: it begins anew.
    if (this.past.wanted.value >= this.past.head.value) this.past.go(0)
    this.steps = []
    this.due = 0
    this.last = performance.now()
    this.playing.value = true
    requestAnimationFrame(this.tick)
  }

  private readonly tick = (now: number) => {
    if (!this.playing.peek()) return
    requestAnimationFrame(this.tick)
    const elapsed = Math.min(now - this.last, 100)
    this.last = now
    const at = this.past.wanted.value
    if (this.stage.revision !== at) return // not shown yet
    if (at >= this.past.head.value) {
      this.stop()
      return
    }
    this.due += (elapsed / 1000) * RATE * this.speed.value
    const ready = this.steps.filter(({ revision }) => revision >= at)
    if (ready.length < PAGE / 2) void this.fetch(ready.at(-1)?.revision ?? at - 1)
    const steps = ready.slice(0, Math.floor(this.due))
    this.due -= steps.length
    const next = steps.at(-1)
    if (!next) return
    this.steps = ready.slice(steps.length)
    const change = composeAll(steps.map(({ delta }) => delta))
    this.stage.advance(change, next.revision + 1, next.person)
    this.past.wanted.value = next.revision + 1
  }

  /** Asks for the changes behind one. */
  private async fetch(last: number): Promise<void> {
    if (this.fetching || last + 1 >= this.past.head.value) return
    this.fetching = true
    const to = Math.min(last + 1 + PAGE, this.past.head.value)
    const found = await this.past.api.steps(last + 1, to).catch(() => null)
    this.fetching = false
    if (found) this.steps = [...this.steps, ...found.steps]
    else this.stop()
  }
}
