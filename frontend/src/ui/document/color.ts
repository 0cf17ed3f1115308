import { COLORS } from '../person'

/**
 * The colour that somebody wears: their own, unless others who came before them wear it and some colour less. Then it is
 * one that the fewest wear, the farthest from those that are worn. Everybody decides by those who came before them alone,
 * so that nobody changes twice.
 */
export function colorAmong(
  own: string,
  before: readonly string[],
  others: readonly string[],
): string {
  const fewest = Math.min(...COLORS.map((color) => count(before, color)))
  if (count(before, own) <= fewest) return own
  const places = others.map(placeOf).filter((place) => place >= 0)
  const rank = (color: string) => [
    count(before, color),
    count(others, color),
    -Math.min(COLORS.length, ...places.map((place) => distance(place, placeOf(color)))),
    (placeOf(color) - placeOf(own) + COLORS.length) % COLORS.length,
  ]
  const [best = own] = [...COLORS].sort((a, b) => inOrder(rank(a), rank(b)))
  return best
}

const count = (colors: readonly string[], wanted: string) =>
  colors.filter((color) => color === wanted).length

/** The colours are a circle of hues. */
const placeOf = (color: string) => (COLORS as readonly string[]).indexOf(color)

function distance(a: number, b: number): number {
  const way = Math.abs(a - b)
  return Math.min(way, COLORS.length - way)
}

function inOrder(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index])
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number)
}
