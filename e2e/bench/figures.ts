/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Prints what was measured, in ms. */
export function report(what: string, values: readonly number[]): void {
  const [median, p95] = [quantile(values, 0.5), quantile(values, 0.95)]
  console.log(
    `${what}: median ${median.toFixed(1)} ms, 95 of 100 ${p95.toFixed(1)} ms (${values.length})`,
  )
}

const WORDS = 'the garden needs water and somebody who writes down what grows where'.split(' ')

/** Prose of about so many characters, in paragraphs of a few hundred with `between` between them. */
export function prose(characters: number, between = '\n'): string {
  const lines: string[] = []
  for (let length = 0, n = 0; length < characters; n++) {
    const line = Array.from({ length: 40 }, (_, k) => WORDS[(n * 7 + k * 3) % WORDS.length])
    lines.push(line.join(' '))
    length += (lines.at(-1)?.length ?? 0) + between.length
  }
  return lines.join(between)
}
