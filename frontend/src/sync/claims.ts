/**
 * Which tab a client id belongs to. Two tabs using one id would use its
 * numbers twice, and the server would drop one of the two edits.
 */
export interface Claims {
  /** Claims the id for as long as this tab lives; false when another living tab has it. */
  claim(client: string): Promise<boolean>
}

/** The browser lets go of a lock when its tab dies, however it dies. */
class LockClaims implements Claims {
  constructor(private readonly locks: LockManager) {}

  claim(client: string): Promise<boolean> {
    return new Promise((resolve) => {
      const options = { ifAvailable: true }
      const asked = this.locks.request(`quire:${client}`, options, (lock) => {
        resolve(lock !== null)
        return lock ? new Promise(() => {}) : undefined
      })
      // Where the browser denies it, as to frames of other sites, no tab finds what another keeps.
      asked.catch(() => resolve(true))
    })
  }
}

const ANSWER_WITHIN = 400

/** Pages served without TLS have no locks: ask the other tabs instead. */
class AskingClaims implements Claims {
  private readonly mine = new Set<string>()
  private readonly answers = new Map<string, () => void>()

  constructor(private readonly channel: BroadcastChannel) {
    channel.onmessage = (event: MessageEvent<{ ask?: string; mine?: string }>) => {
      const { ask, mine } = event.data
      if (ask !== undefined && this.mine.has(ask)) channel.postMessage({ mine: ask })
      if (mine !== undefined) this.answers.get(mine)?.()
    }
  }

  async claim(client: string): Promise<boolean> {
    if (this.mine.has(client)) return true
    const taken = await new Promise<boolean>((resolve) => {
      this.answers.set(client, () => resolve(true))
      this.channel.postMessage({ ask: client })
      setTimeout(() => resolve(false), ANSWER_WITHIN)
    })
    this.answers.delete(client)
    if (!taken) this.mine.add(client)
    return !taken
  }
}

export function openClaims(): Claims {
  if (navigator.locks) return new LockClaims(navigator.locks)
  return new AskingClaims(new BroadcastChannel('quire'))
}
