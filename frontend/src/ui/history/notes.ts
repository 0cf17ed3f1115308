import { type Delta, isDelete, isInsert, lengthOf, lengthOfOp, textOf } from '../../delta'
import type { Note } from '../../editor/editor'
import type { AuthorRun, Run } from './api'
import { type Cast, moment } from './people'
import { h } from './texts'

/** The longest piece of removed text that is shown in the text, in units. */
const LONGEST = 4000

/** What was added, removed and formatted, as notes on the text after it. */
export function changeNotes(runs: readonly Run[], cast: Cast): Note[] {
  const notes: Note[] = []
  let index = 0
  for (const run of runs) {
    const by = { color: cast.color(run.person), ...titled(run, cast) }
    if (run.change === 'removed') {
      notes.push({ index, length: 0, class: 'gone', gone: shortened(run.delta ?? []), ...by })
      continue
    }
    if (run.change) notes.push({ index, length: run.length, class: `was-${run.change}`, ...by })
    index += run.length
  }
  return notes
}

/** What was removed or formatted since, as notes on the text before it. */
export function lostNotes(runs: readonly Run[], cast: Cast): Note[] {
  const notes: Note[] = []
  let index = 0
  for (const run of runs) {
    if (run.change === 'added') continue
    if (run.change) {
      const by = { color: cast.color(run.person), ...titled(run, cast) }
      notes.push({ index, length: run.length, class: `was-${run.change}`, ...by })
    }
    index += run.length
  }
  return notes
}

/** What a change would do, as notes on the text before it. */
export function previewNotes(change: Delta): Note[] {
  const notes: Note[] = []
  let index = 0
  for (const op of change) {
    if (isInsert(op)) notes.push({ index, length: 0, class: 'back', gone: shortened([op]) })
    else {
      const length = lengthOfOp(op)
      if (isDelete(op)) notes.push({ index, length, class: 'was-removed' })
      index += length
    }
  }
  return notes
}

/** Who wrote what, in everybody's colour. */
export function authorNotes(runs: readonly AuthorRun[], cast: Cast): Note[] {
  const notes: Note[] = []
  let index = 0
  for (const run of runs) {
    if (run.person) {
      const color = cast.color(run.person)
      notes.push({ index, length: run.length, class: 'by', color, ...titled(run, cast) })
    }
    index += run.length
  }
  return notes
}

/** Where the first change is. */
export function firstChange(notes: readonly Note[]): number | undefined {
  return notes[0]?.index
}

function titled({ person, time }: { person?: string; time?: number }, cast: Cast) {
  if (!person || !time) return {}
  return { title: h('byAt', { person: cast.name(person), time: moment(time) }) }
}

function shortened(content: Delta): string {
  const text = textOf(content)
  const length = lengthOf(content)
  return length > LONGEST ? `${text.slice(0, LONGEST)}… (+${length - LONGEST})` : text
}
