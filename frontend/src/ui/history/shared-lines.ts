/** Numbers of a line before and after. */
export type Pair = readonly [before: number, after: number]

/**
 * Lines that two texts have in common, in order: those that are in each of them once and follow one another in both, and
 * what is equal around these. Fast and near enough to the most there are, for texts that are moments of one document.
 */
export function sharedLines(before: readonly string[], after: readonly string[]): Pair[] {
  const shared: Pair[] = []
  const anchors: readonly Pair[] = [...inBothOrders(before, after), [before.length, after.length]]
  let [a, b] = [0, 0]
  for (const [nextA, nextB] of anchors) {
    for (; a < nextA && b < nextB && before[a] === after[b]; a++, b++) shared.push([a, b])
    let same = 0
    while (
      nextA - same > a &&
      nextB - same > b &&
      before[nextA - same - 1] === after[nextB - same - 1]
    )
      same++
    for (; same > 0; same--) shared.push([nextA - same, nextB - same])
    if (nextA < before.length) shared.push([nextA, nextB])
    ;[a, b] = [nextA + 1, nextB + 1]
  }
  return shared
}

/** The most of the lines that are in each text once which come in the same order in both. */
function inBothOrders(before: readonly string[], after: readonly string[]): Pair[] {
  const places = linesOnce(after)
  const pairs = [...linesOnce(before)].flatMap(([line, a]): Pair[] => {
    const b = places.get(line)
    return b === undefined ? [] : [[a, b]]
  })
  return longestRise(pairs)
}

/** Lines that occur once, with their numbers. */
function linesOnce(lines: readonly string[]): Map<string, number> {
  const once = new Map<string, number>()
  const more = new Set<string>()
  for (const [number, line] of lines.entries()) {
    if (more.has(line)) continue
    if (once.delete(line)) more.add(line)
    else once.set(line, number)
  }
  return once
}

interface Chain {
  readonly pair: Pair
  readonly before: Chain | undefined
}

/** The longest list of pairs, in order, in which the second numbers rise: patience sorting. */
function longestRise(pairs: readonly Pair[]): Pair[] {
  const ends: Chain[] = []
  for (const pair of pairs) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle] as Chain).pair[1] < pair[1]) low = middle + 1
      else high = middle
    }
    ends[low] = { pair, before: ends[low - 1] }
  }
  const rise: Pair[] = []
  for (let chain = ends.at(-1); chain; chain = chain.before) rise.push(chain.pair)
  return rise.reverse()
}
