import { locale, t } from '../../i18n'
import type { Cancel, Schedule } from '../../sync/schedule'

/** Nothing is said until the user has not typed for this long, in ms. */
const QUIET = 1_500
/** Comings and goings are gathered for this long, in ms. */
const GATHER = 10_000
/** After a pause of this length, in ms, somebody's edits are summed up. */
const PAUSE = 3_000
/** More names than these become a number. */
const NAMES = 3

interface Run {
  readonly where: string
  count: number
  end: Cancel
}

/**
 * Decides what screen readers hear of others, in whole sentences: who came and went, at most once in ten seconds; that
 * somebody edits, once, and how much when they pause; never while the user types.
 */
export class Announcer {
  private readonly queue: string[] = []
  private readonly runs = new Map<string, Run>()
  private told: ReadonlySet<string> = new Set()
  private present: ReadonlySet<string> = new Set()
  private gathering: Cancel | null = null
  private waiting: Cancel | null = null
  private typedAt = Number.NEGATIVE_INFINITY
  private last = ''

  constructor(
    private readonly say: (sentences: string) => void,
    private readonly schedule: Schedule,
  ) {}

  /** Those who are here now. Whoever is here already when the user comes is not announced. */
  people(names: readonly string[], first = false): void {
    this.present = new Set(names)
    if (first) this.told = this.present
    else this.gathering ??= this.schedule.after(GATHER, () => this.tellPeople())
  }

  /** Somebody changed the text. The place is asked for when it is to be named. */
  edited(name: string, place: () => string): void {
    const run = this.runs.get(name)
    if (run) {
      run.count++
      run.end()
      run.end = this.schedule.after(PAUSE, () => this.sumUp(name, run))
      return
    }
    const where = place()
    const begun: Run = { where, count: 1, end: () => {} }
    begun.end = this.schedule.after(PAUSE, () => this.sumUp(name, begun))
    this.runs.set(name, begun)
    this.tell(t('said.editing', { name, where }))
  }

  connection(online: boolean): void {
    this.tell(t(online ? 'said.online' : 'said.offline'))
  }

  /** The user typed. */
  typed(): void {
    this.typedAt = this.schedule.now()
  }

  /** Says again what was said last of others' edits. */
  repeat(): void {
    if (this.last) this.tell(this.last)
  }

  private sumUp(name: string, { where, count }: Run): void {
    this.runs.delete(name)
    this.last = t('said.edited', { name, where, count })
    if (count > 1) this.tell(this.last)
  }

  private tellPeople(): void {
    this.gathering = null
    const came = [...this.present].filter((name) => !this.told.has(name))
    const went = [...this.told].filter((name) => !this.present.has(name))
    this.told = this.present
    if (came.length > NAMES) this.tell(t('said.joinedMany', { count: came.length }))
    else if (came.length > 0) this.tell(t('said.joined', { names: listed(came) }))
    if (went.length > NAMES) this.tell(t('said.leftMany', { count: went.length }))
    else if (went.length > 0) this.tell(t('said.left', { names: listed(went) }))
  }

  private tell(sentence: string): void {
    this.queue.push(sentence)
    if (!this.waiting) this.flush()
  }

  private flush(): void {
    this.waiting = null
    const wait = this.typedAt + QUIET - this.schedule.now()
    if (wait > 0) this.waiting = this.schedule.after(wait, () => this.flush())
    else this.say(this.queue.splice(0).join(' '))
  }
}

const listed = (names: readonly string[]) =>
  new Intl.ListFormat(locale.value, { type: 'conjunction' }).format(names)
