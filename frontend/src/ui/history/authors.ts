import { computed, effect, signal } from '@preact/signals'
import type { Editor } from '../../editor/editor'
import type { DocumentPage } from '../document/page'
import { type AuthorRun, type Blame, HistoryApi } from './api'
import { authorNotes } from './notes'
import { Cast } from './people'

/** How long after a change the authors are asked for anew, in ms. */
const REST = 600

/** Who wrote what, in colours behind the text that is being written. */
export class Authors {
  readonly blame = signal<Blame | null>(null)
  readonly problem = signal('')
  readonly cast = computed(() => new Cast(this.blame.value?.people ?? {}))
  /** Everybody who wrote something that is still there, who wrote most first. */
  readonly legend = computed(() => {
    const units = new Map<string, number>()
    for (const { person, length } of this.blame.value?.runs ?? []) {
      if (person) units.set(person, (units.get(person) ?? 0) + length)
    }
    return [...units].sort(([, a], [, b]) => b - a).map(([person]) => person)
  })
  /** Who wrote what is at the caret, and when. */
  readonly here = computed(() => runAt(this.blame.value?.runs, this.page.selected.value?.index))
  private readonly api: HistoryApi
  private readonly stop: () => void
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly page: DocumentPage,
    private readonly editor: Editor,
  ) {
    this.api = new HistoryApi(page.id)
    this.stop = effect(() => {
      if (editor.changes.value >= 0 && page.saved.value.kind === 'saved') this.askSoon()
    })
    void this.ask()
  }

  close(): void {
    clearTimeout(this.timer)
    this.stop()
    void this.editor.annotate('authors', [])
  }

  private askSoon(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.ask(), REST)
  }

  private async ask(): Promise<void> {
    const blame = await this.api.blame().catch((error: Error) => error)
    if (blame instanceof Error) {
      this.problem.value = blame.message
      return
    }
    // What the server says is of one revision: it fits only while nothing else is on its way.
    if (blame.revision !== this.page.revisionShown) return this.askSoon()
    this.problem.value = ''
    this.blame.value = blame
    await this.editor.annotate('authors', authorNotes(blame.runs, this.cast.value))
  }
}

function runAt(runs: readonly AuthorRun[] | undefined, index = 0): AuthorRun | undefined {
  let end = 0
  for (const run of runs ?? []) {
    end += run.length
    // The caret is behind what it is at, but for the beginning.
    if (index <= end) return run
  }
  return undefined
}
