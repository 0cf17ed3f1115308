import type { Node } from 'prosemirror-model'
import { EMBED_CHARACTER } from '../../delta'
import type { Query } from '../FindPanel'

/** A match, in positions of the editor. */
export interface Match {
  readonly from: number
  readonly to: number
}

/** Finds a query in lines, and remembers what it found in each: most are the same after a change. */
export class Search {
  /** null: it is empty, or no regular expression. */
  readonly pattern: RegExp | null
  private readonly found = new WeakMap<Node, readonly Match[]>()

  constructor(readonly query: Query) {
    this.pattern = patternOf(query)
  }

  /** Every match, no more of them than `most`. */
  in(doc: Node, most = Number.POSITIVE_INFINITY): Match[] {
    const all: Match[] = []
    if (!this.pattern) return all
    let start = 1
    for (const line of doc.children) {
      for (const { from, to } of this.inLine(line, this.pattern)) {
        all.push({ from: start + from, to: start + to })
        if (all.length >= most) return all
      }
      start += line.nodeSize
    }
    return all
  }

  /** What the text of a match becomes; a regular expression may refer to its parts. */
  replacement(matched: string): string {
    const { regexp, replace } = this.query
    return regexp && this.pattern ? matched.replace(this.pattern, replace) : replace
  }

  private inLine(line: Node, pattern: RegExp): readonly Match[] {
    const known = this.found.get(line)
    if (known) return known
    const text = line.textBetween(0, line.content.size, undefined, EMBED_CHARACTER)
    const matches: Match[] = []
    for (const { 0: matched, index } of text.matchAll(pattern)) {
      const to = index + matched.length
      const whole = !this.query.wholeWord || isWhole(text, index, to)
      if (matched && whole) matches.push({ from: index, to })
    }
    this.found.set(line, matches)
    return matches
  }
}

function patternOf({ search, regexp, caseSensitive }: Query): RegExp | null {
  if (!search) return null
  const source = regexp ? search : search.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  try {
    return new RegExp(source, caseSensitive ? 'gu' : 'giu')
  } catch {
    return null
  }
}

const LETTER = /[\p{L}\p{N}_]/u

/** Neither end is inside of a word. */
function isWhole(text: string, from: number, to: number): boolean {
  const inWord = (at: number) => LETTER.test(text[at - 1] ?? '') && LETTER.test(text[at] ?? '')
  return !inWord(from) && !inWord(to)
}
