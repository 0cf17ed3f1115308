import { indentUnit } from '@codemirror/language'
import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import type { PlainKind } from './kinds'

/** A tab, or so many spaces. `auto` is what the text does already. */
export type Indent = 'auto' | 'tab' | 2 | 4 | 8

/** How the user wants to edit, on this device. */
export interface EditingOptions {
  /** Break long lines of code at the edge of the window. */
  readonly wrap: boolean
  readonly indent: Indent
  readonly spellCheck: boolean
  readonly vim: boolean
}

const DEFAULTS: EditingOptions = { wrap: false, indent: 'auto', spellCheck: true, vim: false }

/** Lines looked at to see how a text is indented. */
const LINES = 2_000

/** How a text is indented: by what most of its lines begin with, one step more than the line before. */
export function indentOf(lines: Iterable<string>): Exclude<Indent, 'auto'> {
  const votes: Record<string, number> = { tab: 0, 2: 0, 4: 0, 8: 0 }
  let before = 0
  let seen = 0
  for (const line of lines) {
    if (++seen > LINES) break
    const [space = ''] = /^\s*/.exec(line) ?? []
    if (space.length === line.length) continue
    if (space.startsWith('\t')) votes.tab = (votes.tab ?? 0) + 1
    const step = String(Math.abs(space.length - before))
    if (!space.startsWith('\t') && step in votes) votes[step] = (votes[step] ?? 0) + 1
    before = space.length
  }
  const [[best, count] = ['2', 0]] = Object.entries(votes).sort(([, a], [, b]) => b - a)
  if (count === 0) return 2
  return best === 'tab' ? 'tab' : (Number(best) as 2 | 4 | 8)
}

/** The parts of an editor that the user's options decide. They can be changed while it is open. */
export class Options {
  private readonly look = new Compartment()
  private readonly keys = new Compartment()
  private chosen = DEFAULTS
  private vim: Extension = []

  /** Must come before every other extension with keys. */
  readonly first: Extension = Prec.highest(this.keys.of([]))

  forState(kind: PlainKind, doc: EditorState['doc'] | null): Extension {
    return this.look.of(this.lookOf(kind, doc))
  }

  /** Keeps the keys when a state is made anew. */
  restore(view: EditorView): void {
    view.dispatch({ effects: this.keys.reconfigure(this.vim) })
  }

  async change(view: EditorView, kind: PlainKind, chosen: EditingOptions): Promise<void> {
    this.chosen = chosen
    view.dispatch({ effects: this.look.reconfigure(this.lookOf(kind, view.state.doc)) })
    this.vim = chosen.vim ? await vimKeys() : []
    this.restore(view)
  }

  private lookOf(kind: PlainKind, doc: EditorState['doc'] | null): Extension {
    const { wrap, indent, spellCheck } = this.chosen
    const prose = kind !== 'code'
    const unit = indent === 'auto' ? indentOf(doc?.iterLines() ?? []) : indent
    return [
      wrap || prose ? EditorView.lineWrapping : [],
      EditorView.contentAttributes.of({ spellcheck: String(prose && spellCheck) }),
      indentUnit.of(unit === 'tab' ? '\t' : ' '.repeat(unit)),
      EditorState.tabSize.of(unit === 'tab' ? 4 : unit),
    ]
  }
}

/** Vim's keys, with its status line. Loaded when somebody wants them. */
async function vimKeys(): Promise<Extension> {
  const { vim } = await import('@replit/codemirror-vim')
  return vim({ status: true })
}
