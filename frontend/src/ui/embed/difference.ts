import {
  type Attributes,
  type Delta,
  DeltaBuilder,
  diffAttributes,
  equalJson,
  isInsert,
  type Json,
  lengthOf,
  type Op,
} from '../../delta'
import { sharedLines } from '../history/shared-lines'

/** Whether only the text is to become what is wanted, and what stays of it keeps its looks; or the looks too. */
export type Regard = 'text' | 'everything'

/**
 * A small change that makes one content another: lines that both have are left alone, and of the others what they begin and end
 * with alike. compose(before, difference(before, after, 'everything')) is after.
 */
export function difference(before: Delta, after: Delta, regard: Regard): Delta {
  const [old, fresh] = [linesOf(before), linesOf(after)]
  const change = new Change(regard)
  let [a, b] = [0, 0]
  for (const [nextA, nextB] of sharedLines(old.map(keyOf), fresh.map(keyOf))) {
    change.replace(old.slice(a, nextA).flat(), fresh.slice(b, nextB).flat())
    change.keep(old[nextA] ?? [], fresh[nextB] ?? [])
    ;[a, b] = [nextA + 1, nextB + 1]
  }
  change.replace(old.slice(a).flat(), fresh.slice(b).flat())
  return change.delta.build()
}

class Change {
  readonly delta = new DeltaBuilder()
  constructor(private readonly regard: Regard) {}

  /** The text stays. */
  keep(old: Delta, fresh: Delta): void {
    if (this.regard === 'text' || isEqual(old, fresh)) {
      this.delta.retain(lengthOf(old))
    } else this.keepUnits(unitsOf(old), unitsOf(fresh))
  }

  /** Puts one run in the place of another, but for what both begin and end with. */
  replace(old: Delta, fresh: Delta): void {
    const [a, b] = [unitsOf(old), unitsOf(fresh)]
    const most = Math.min(a.length, b.length)
    const same = (x: Unit | undefined, y: Unit | undefined) => x?.value === y?.value
    let start = 0
    while (start < most && same(a[start], b[start])) start++
    if (isHigh(a[start - 1])) start--
    let end = 0
    while (end < most - start && same(a.at(-1 - end), b.at(-1 - end))) end++
    if (end > 0 && isLow(a.at(-end))) end--
    this.keepUnits(a.slice(0, start), b.slice(0, start))
    for (const { insert, attributes } of b.slice(start, b.length - end)) {
      this.delta.insert(insert, attributes)
    }
    this.delta.delete(a.length - start - end)
    this.keepUnits(a.slice(a.length - end), b.slice(b.length - end))
  }

  private keepUnits(old: readonly Unit[], fresh: readonly Unit[]): void {
    if (this.regard === 'text') this.delta.retain(old.length)
    else {
      for (const [at, unit] of old.entries()) {
        this.delta.retain(1, diffAttributes(unit.attributes, fresh[at]?.attributes))
      }
    }
  }
}

const isEqual = (a: Delta, b: Delta) =>
  equalJson(a as unknown as readonly Json[], b as unknown as readonly Json[])

/** One UTF-16 unit, or an embed. */
interface Unit {
  readonly insert: Extract<Op, { insert: unknown }>['insert']
  readonly attributes: Attributes | undefined
  /** The unit, or the embed as JSON, which is never one unit long. */
  readonly value: string
}

// A pair of surrogates is one letter: it is not cut.
const isHigh = (unit: Unit | undefined) => /^[\ud800-\udbff]$/.test(unit?.value ?? '')
const isLow = (unit: Unit | undefined) => /^[\udc00-\udfff]$/.test(unit?.value ?? '')

function unitsOf(content: Delta): Unit[] {
  return content.filter(isInsert).flatMap(({ insert, attributes }): Unit[] => {
    if (typeof insert !== 'string') return [{ insert, attributes, value: JSON.stringify(insert) }]
    return insert.split('').map((unit) => ({ insert: unit, attributes, value: unit }))
  })
}

const keyOf = (line: Delta) =>
  line
    .filter(isInsert)
    .map(({ insert }) => (typeof insert === 'string' ? insert : JSON.stringify(insert)))
    .join('')

/** The lines of some content, each with its newline. */
function linesOf(content: Delta): Delta[] {
  const lines: Op[][] = []
  let line: Op[] = []
  for (const op of content.filter(isInsert)) {
    const parts = typeof op.insert === 'string' ? op.insert.split(/(?<=\n)/) : [op.insert]
    for (const insert of parts) {
      line.push({ ...op, insert })
      if (typeof insert !== 'string' || !insert.endsWith('\n')) continue
      lines.push(line)
      line = []
    }
  }
  return line.length > 0 ? [...lines, line] : lines
}
