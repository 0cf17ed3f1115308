import type { Cancel, Schedule } from './schedule'
import { isRemembered, MEMORY, network, SPEAKS_WITHIN, socketAddress } from './ways'

/** How long it is remembered of a network that WebSocket does not pass, and when it is tried again, in ms. */
const REMEMBERED_FOR = 3_600_000
const TRIED_AGAIN_AFTER = 300_000
/** The same where it did pass before. */
const TRIED_AGAIN_SOON = 20_000

/** Remembers that WebSocket does not pass, and tries it again now and then, until it does. */
export class WayBack {
  private planned: Cancel = () => {}
  private trying = false

  constructor(
    /** WebSocket did pass before, so it is not the network that is remembered for not passing it. */
    private readonly passed: boolean,
    private readonly schedule: Schedule,
    private readonly found: () => void,
  ) {
    this.plan()
  }

  private plan(): void {
    if (!this.passed && !isRemembered()) remember()
    const wait = this.passed ? TRIED_AGAIN_SOON : TRIED_AGAIN_AFTER
    this.planned = this.schedule.after(wait, () => this.tryNow())
  }

  /** Asks by WebSocket for a sign of life. */
  tryNow(): void {
    if (this.trying) return
    this.trying = true
    this.planned()
    const socket = new WebSocket(socketAddress(''))
    const late = this.schedule.after(SPEAKS_WITHIN, () => socket.close())
    const end = (then: () => void) => {
      late()
      socket.onclose = null
      this.trying = false
      then()
    }
    socket.onopen = () => socket.send('{"a":"pp"}')
    socket.onclose = () => end(() => this.plan())
    socket.onmessage = () =>
      end(() => {
        socket.close()
        forget()
        this.found()
      })
  }
}

function remember(): void {
  try {
    localStorage.setItem(MEMORY, JSON.stringify([Date.now() + REMEMBERED_FOR, network()]))
  } catch {
    // Where nothing can be kept, it is found out anew each time.
  }
}

function forget(): void {
  try {
    localStorage.removeItem(MEMORY)
  } catch {
    // As above.
  }
}
