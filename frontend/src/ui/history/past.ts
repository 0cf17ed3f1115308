import { batch, computed, signal } from '@preact/signals'
import type { Delta } from '../../delta'
import { at as addressOf } from '../../place'
import type { Selection } from '../../sync/presence'
import type { DocumentPage } from '../document/page'
import {
  type Difference,
  type Edit,
  HistoryApi,
  type Moment,
  type Overview,
  Refused,
  type UndoPreview,
  type Version,
} from './api'
import { Cast, moment } from './people'
import { h } from './texts'

/** With what a moment is compared: the state before its edit, or one revision. */
export type Base = 'before' | number
export type ChangesView = 'none' | 'inline' | 'beside'

/** What the user is asked before something is done. */
export type Asking =
  | { readonly what: 'restore' | 'fork' | 'name' | 'redact' }
  | { readonly what: 'rename'; readonly version: Version }
  | {
      readonly what: 'undo'
      readonly edit: Edit
      readonly to: number
      readonly preview: UndoPreview
    }

/** What was done, and the revision from before it that undoes it. */
export interface Done {
  readonly sentence: string
  readonly before?: number
}

/** What is to be shown. */
interface View {
  readonly at: number
  readonly base: Base
  readonly view: ChangesView
  readonly colours: boolean
}
const KEYS = ['at', 'base', 'view', 'colours'] as const

/** What there is to show. */
interface Found {
  readonly shown: Moment
  readonly difference: Difference | null
  readonly other: Delta | null
}

/** The past of a document as its view shows it. */
export class Past {
  readonly overview = signal<Overview | null>(null)
  readonly cast = computed(() => new Cast(this.overview.value?.people ?? {}))
  /** How many changes there are; more come while one looks. */
  readonly head = signal(0)
  /** The moment that is wanted, as a number of changes, and the one that is shown. */
  readonly wanted = signal(0)
  readonly shown = signal<Moment | null>(null)
  /** The other state where two are side by side, and what lies between where the base is not the edit's. */
  readonly other = signal<Delta | null>(null)
  readonly difference = signal<Difference | null>(null)
  readonly base = signal<Base>('before')
  /** The moment that the user chose to compare with. */
  readonly chosen = signal<{ revision: number; time: number } | null>(null)
  readonly view = signal<ChangesView>('inline')
  readonly colours = signal(false)
  readonly edits = signal<readonly Edit[]>([])
  /** Where the list of edits goes on; undefined at its end. */
  readonly older = signal<number | undefined>(undefined)
  readonly asking = signal<Asking | null>(null)
  readonly done = signal<Done | null>(null)
  readonly problem = signal('')
  /** What is selected in the text that is shown. */
  readonly selection = signal<Selection | null>(null)
  readonly api: HistoryApi
  private loading = false
  /** What was asked for last. */
  private asked: View | null = null
  private closed = false
  private readonly unlisten: () => void

  constructor(readonly page: DocumentPage) {
    this.api = new HistoryApi(page.id)
    this.unlisten = page.onEdit(() => this.follow())
  }

  /** Opens at the present, or at a moment. */
  async open(revision?: number): Promise<void> {
    await this.attempt(async () => {
      await this.refresh()
      this.go(revision ?? this.head.value)
    })
  }

  close(): void {
    this.closed = true
    this.unlisten()
  }

  /** Goes to a moment. What is shown follows as fast as the server answers; moments that were passed meanwhile are left out. */
  go(revision: number): void {
    const first = Math.max(this.overview.value?.first ?? 0, 1)
    this.wanted.value = Math.min(Math.max(revision, first), this.head.value)
    void this.load()
  }

  /** Shows who wrote what, or not. */
  colour(wanted: boolean): void {
    this.colours.value = wanted
    void this.load()
  }

  compareWith(base: Base): void {
    this.base.value = base
    void this.load()
  }

  choosePoint(): void {
    const revision = this.wanted.value
    this.chosen.value = { revision, time: this.time.value }
    this.compareWith(revision)
  }

  look(view: ChangesView): void {
    this.view.value = view
    void this.load()
  }

  /** Goes to where the edit ended that ended last before this moment. Edits may overlap. */
  async previousEdit(): Promise<void> {
    await this.attempt(async () => {
      const at = this.wanted.value
      const { edits } = await this.api.edits(at)
      this.go(
        Math.max(...edits.map(({ to }) => to).filter((to) => to < at), edits.at(-1)?.from ?? 0),
      )
    })
  }

  async nextEdit(): Promise<void> {
    await this.attempt(async () => {
      const at = this.wanted.value
      const [begun, next] = await Promise.all([this.api.edits(at), this.api.editFrom(at)])
      const ends = [...begun.edits, ...next.edits].map(({ to }) => to).filter((to) => to > at)
      this.go(Math.min(...ends, this.head.value))
    })
  }

  async goToTime(time: number): Promise<void> {
    await this.attempt(async () => this.go((await this.api.revisionAt(time)).revision))
  }

  /** When the moment that is shown was. */
  readonly time = computed(() => this.shown.value?.edit?.ended ?? this.overview.value?.created ?? 0)

  async loadOlder(): Promise<void> {
    await this.attempt(async () => {
      const { edits, next } = await this.api.edits(this.older.value)
      batch(() => {
        this.edits.value = [...this.edits.value, ...edits]
        this.older.value = next
      })
    })
  }

  // What changes the document

  async restore(): Promise<void> {
    const time = moment(this.time.value)
    await this.change(async () => {
      const { base, revision } = await this.api.restore(this.wanted.value)
      if (base === revision) return { sentence: h('restore.same') }
      return { sentence: h('restore.done', { time }), before: base }
    })
  }

  /** Takes back what was done last from here. */
  async takeBack(revision: number): Promise<void> {
    await this.change(async () => {
      await this.api.restore(revision)
      return { sentence: h('undo.done') }
    })
  }

  /** Shows what undoing would do, and asks. */
  async proposeUndo(edit: Edit, to: number): Promise<void> {
    await this.attempt(async () => {
      const preview = await this.api.previewUndo(edit.person, edit.from, to)
      if (preview.removes + preview.restores === 0 && preview.delta.length === 0) {
        this.done.value = { sentence: h('undo.nothing') }
        return
      }
      this.go(preview.revision)
      this.asking.value = { what: 'undo', edit, to, preview }
    })
  }

  async undo(edit: Edit, to: number): Promise<void> {
    await this.change(async () => {
      const { base } = await this.api.undo(edit.person, edit.from, to)
      return { sentence: h('undo.done'), before: base }
    })
  }

  async name(name: string, renamed?: Version): Promise<void> {
    await this.change(
      async () => {
        if (renamed) await this.api.renameVersion(renamed.id, name)
        else await this.api.nameVersion(name, this.wanted.value)
        return null
      },
      false,
      renamed ? h('versions.gone') : undefined,
    )
  }

  async forget(version: Version): Promise<void> {
    await this.change(
      async () => {
        await this.api.deleteVersion(version.id)
        return null
      },
      false,
      h('versions.gone'),
    )
  }

  async fork(withHistory: boolean): Promise<void> {
    await this.attempt(async () => {
      const { id } = await this.api.fork(this.wanted.value, withHistory)
      location.assign(addressOf(`d/${id}`))
    })
  }

  async redact({ index, length }: Selection): Promise<void> {
    await this.change(async () => {
      await this.api.redact(this.shown.value?.revision ?? 0, index, length)
      return { sentence: h('redact.done') }
    })
  }

  /** Does something, says what, and shows the history as it is then; at its end if that moved. */
  private async change(
    act: () => Promise<Done | null>,
    moves = true,
    gone?: string,
  ): Promise<void> {
    await this.attempt(async () => {
      const done = await act()
      this.asking.value = null
      this.done.value = done
      await this.refresh()
      // What is shown may have become another text.
      this.asked = null
      if (moves) this.go(this.head.value)
    }, gone)
  }

  private async refresh(): Promise<void> {
    const [overview, page] = await Promise.all([this.api.overview(), this.api.edits(undefined)])
    batch(() => {
      this.overview.value = overview
      this.head.value = Math.max(this.head.value, overview.revision)
      this.edits.value = page.edits
      this.older.value = page.next
    })
  }

  /** Others go on meanwhile. */
  private follow(): void {
    const { revision } = this.page.session.document
    if (revision !== null) this.head.value = Math.max(this.head.value, revision)
  }

  /** Loads what is wanted, and again if that has changed meanwhile. */
  private async load(): Promise<void> {
    if (this.loading) return
    this.loading = true
    await this.attempt(async () => {
      for (let next = this.askNext(); next && !this.closed; ) {
        const found = await next
        // The server looks for the next one while this one is drawn.
        next = this.askNext()
        this.draw(found)
      }
    })
    if (this.problem.value) this.asked = null
    this.loading = false
  }

  /** Asks for what is wanted, if that is something else than what was asked for last. */
  private askNext(): Promise<Found> | null {
    const wanted: View = {
      at: this.wanted.value,
      base: this.base.value,
      view: this.view.value,
      colours: this.colours.value,
    }
    const { asked } = this
    if (asked && KEYS.every((key) => asked[key] === wanted[key])) return null
    this.asked = wanted
    return this.fetch(wanted)
  }

  /** Looks for a moment: of two that are compared, the later one. */
  private async fetch({ at, base, view, colours }: View): Promise<Found> {
    const later = base === 'before' ? at : Math.max(at, base)
    const shown = await this.api.moment(later, colours)
    const earlier = base === 'before' ? (shown.edit?.from ?? later) : Math.min(at, base)
    const beside = view === 'beside'
    const [difference, other] = await Promise.all([
      base === 'before' && !beside ? null : this.api.difference(earlier, later),
      beside ? this.api.moment(earlier, false) : null,
    ])
    return { shown, difference, other: other?.delta ?? null }
  }

  private draw({ shown, difference, other }: Found): void {
    batch(() => {
      this.shown.value = shown
      this.difference.value = difference
      this.other.value = other
      this.problem.value = ''
    })
  }

  private async attempt(act: () => Promise<void>, gone?: string): Promise<void> {
    try {
      await act()
    } catch (error) {
      this.problem.value = sentenceFor(error as Error, gone)
    }
  }
}

const sentenceFor = (error: Error, gone: string | undefined) =>
  error instanceof Refused && error.status === 404 && gone ? gone : error.message
