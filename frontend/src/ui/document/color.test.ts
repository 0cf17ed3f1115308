import { expect, test } from 'vitest'
import { forSeeds } from '../../testing/random'
import { COLORS } from '../person'
import { colorAmong } from './color'

const [red, orange] = COLORS
/** Across the circle of hues. */
const far = COLORS[6]

test('one keeps one’s colour while nobody who came before wears it', () => {
  expect(colorAmong(red, [], [])).toBe(red)
  expect(colorAmong(red, [orange], [orange, red])).toBe(red)
})

test('one whose colour is taken wears the one that is farthest from all that are worn', () => {
  expect(colorAmong(red, [red], [red])).toBe(far)
  expect(colorAmong(red, [red], [red, far])).not.toBe(far)
})

test('a colour that no page of ours has is left to whoever wears it', () => {
  expect(colorAmong('#123456', ['#6b7280'], ['#6b7280'])).toBe('#123456')
})

test('everybody settles on colours that are shared as little as can be', () => {
  forSeeds(200, (random) => {
    const wearing = Array.from(
      { length: 1 + random.below(30) },
      () => random.pick(COLORS) as string,
    )
    const choose = (at: number) =>
      colorAmong(wearing[at] as string, wearing.slice(0, at), wearing.toSpliced(at, 1))
    // Each in turn, as they hear of one another.
    for (let n = 0; n < 40 * wearing.length; n++) {
      const at = n < 20 * wearing.length ? random.below(wearing.length) : n % wearing.length
      wearing[at] = choose(at)
    }
    const uses = COLORS.map((color) => wearing.filter((worn) => worn === color).length)
    expect(Math.max(...uses) - Math.min(...uses)).toBeLessThanOrEqual(1)
    expect(wearing.map((_, at) => choose(at))).toEqual(wearing)
  })
})
