/** Does something at once, and from then on no more often than after so many ms; what was asked for last is always done. */
export class Seldom {
  private last = Number.NEGATIVE_INFINITY
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly every: number) {}

  run(act: () => void): void {
    this.stop()
    const now = () => {
      this.last = performance.now()
      act()
    }
    const wait = this.last + this.every - performance.now()
    if (wait <= 0) now()
    else this.timer = setTimeout(now, wait)
  }

  /** What waits is not done any more. */
  stop(): void {
    clearTimeout(this.timer)
  }
}
