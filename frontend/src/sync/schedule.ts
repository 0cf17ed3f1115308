/** Cancels what was planned; harmless when it has run already. */
export type Cancel = () => void

/** Time and chance as `sync` sees them, so that a test can decide both. */
export interface Schedule {
  /** Milliseconds since some fixed moment. */
  now(): number
  after(milliseconds: number, run: () => void): Cancel
  /** Once the browser has had its turn, which is sooner than any number of milliseconds. */
  soon(run: () => void): Cancel
  /** A number in [0, 1). */
  random(): number
}

export const browserSchedule: Schedule = {
  now: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds)
    return () => clearTimeout(timer)
  },
  soon(run) {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      run()
    }
    port2.postMessage(null)
    return () => port1.close()
  },
  random: Math.random,
}
