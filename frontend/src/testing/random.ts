import { type Attributes, type Delta, DeltaBuilder, isInsert, lengthOf, type Op } from '../delta'

/** A seeded generator (mulberry32): one number decides a whole test run. */
export class Random {
  constructor(private state: number) {}

  /** A number in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  /** An integer in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
}

/**
 * Runs `body` for a number of seeds and names the failing one. SEED=n runs
 * that seed alone; RUNS=n changes how many.
 */
export function forSeeds(runs: number, body: (random: Random, seed: number) => void): void {
  for (const seed of seedsToRun(runs)) {
    try {
      body(new Random(seed), seed)
    } catch (error) {
      throw named(seed, error)
    }
  }
}

/** forSeeds for a body that waits. */
export async function forSeedsAsync(
  runs: number,
  body: (random: Random, seed: number) => Promise<void>,
): Promise<void> {
  for (const seed of seedsToRun(runs)) {
    try {
      await body(new Random(seed), seed)
    } catch (error) {
      throw named(seed, error)
    }
  }
}

function seedsToRun(runs: number): number[] {
  if (process.env.SEED) return [Number(process.env.SEED)]
  const first = Number(process.env.FIRST_SEED ?? 1)
  return Array.from({ length: Number(process.env.RUNS ?? runs) }, (_, index) => first + index)
}

function named(seed: number, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error)
  return new Error(`seed ${seed} (again: SEED=${seed} npm test): ${reason}`, { cause: error })
}

const INLINE: readonly Attributes[] = [
  { bold: true },
  { italic: true },
  { link: 'https://example.org' },
  { bold: true, color: 'red' },
  { 'x-note': { by: 'A', at: [1, 2] } },
]
const LINE: readonly Attributes[] = [
  { header: 1 },
  { header: 2 },
  { list: 'bullet' },
  { list: 'ordered' },
  { list: 'checked', indent: 1 },
  { 'code-block': true },
  { blockquote: true },
  { align: 'right' },
]
const PIECES = ['a', 'b', 'cd', ' ', '😀', 'é', 'e\u0301', '👩‍👩‍👧', 'שלום', 'word ']

export interface ChangeStyle {
  /** Formats, embeds and line attributes too. */
  rich?: boolean
  /** Never touches the last position of the document. */
  keepLast?: boolean
  /** May cut surrogate pairs and insert halves of them. */
  lone?: boolean
}

/** Some change that fits a document of this content. */
export function randomChange(random: Random, content: Delta, style: ChangeStyle = {}): Delta {
  const change = new DeltaBuilder()
  const end = lengthOf(content) - (style.keepLast ? 1 : 0)
  const edits = 1 + random.below(3)
  let at = 0
  for (let n = 0; n < edits; n++) {
    const skip = random.below(end - at + 1)
    change.retain(skip)
    at += skip
    at += randomEdit(random, change, end - at, style)
  }
  return change.build()
}

/** Adds one edit; answers how much of the old text it covers. */
function randomEdit(
  random: Random,
  change: DeltaBuilder,
  room: number,
  style: ChangeStyle,
): number {
  const what = random.next()
  if (room === 0 || what < 0.5) {
    change.push(randomInsert(random, style))
    return 0
  }
  const length = 1 + random.below(Math.min(room, 6))
  if (style.rich && what > 0.75) {
    const attributes = random.pick(random.chance(0.6) ? INLINE : LINE)
    const removed = Object.fromEntries(Object.keys(attributes).map((key) => [key, null]))
    change.retain(length, random.chance(0.7) ? attributes : removed)
  } else {
    change.delete(length)
  }
  return length
}

function randomInsert(random: Random, style: ChangeStyle): Op {
  if (style.lone && random.chance(0.15)) return { insert: random.pick(['\ud83d', '\ude00']) }
  if (!style.rich) return { insert: random.chance(0.15) ? '\n' : random.pick(PIECES) }
  if (random.chance(0.1)) return { insert: { image: 'https://example.org/a.png' } }
  if (random.chance(0.05)) return { insert: { chart: { rows: [1, 2] } } }
  if (random.chance(0.3)) {
    return random.chance(0.5) ? { insert: '\n', attributes: random.pick(LINE) } : { insert: '\n' }
  }
  const text = random.pick(PIECES)
  return random.chance(0.3) ? { insert: text, attributes: random.pick(INLINE) } : { insert: text }
}

/** A document made by some random changes. */
export function randomContent(random: Random, style: ChangeStyle = {}): Delta {
  const content = new DeltaBuilder()
  const pieces = random.below(12)
  for (let n = 0; n < pieces; n++) {
    const op = randomInsert(random, style)
    if (isInsert(op)) content.push(op)
  }
  if (style.keepLast) content.insert('\n')
  return content.build()
}
