import { describe, expect, test } from 'vitest'
import { forSeeds, randomChange } from '../testing/random'
import { compose, cross, type Delta, LongChange, lengthOf, transformPosition } from '.'

describe('a long change', () => {
  test('is op for op what compose and cross make of the whole', () => {
    forSeeds(60, (random) => {
      const style = { rich: random.chance(0.5), lone: true }
      // Long enough for many pieces, and edits near each other as well as far apart.
      let base: Delta = [{ insert: 'abcdefghij\n'.repeat(random.below(200)) }]
      base = compose(base, randomChange(random, base, style))
      let shown = base
      let whole: Delta = []
      const long = new LongChange([])
      for (let n = 0; n < 200; n++) {
        if (random.chance(0.6)) {
          const change = randomChange(random, shown, style)
          whole = compose(whole, change)
          long.compose(change)
          shown = compose(shown, change)
        } else {
          const committed = randomChange(random, base, style)
          const crossed = cross(committed, whole)
          expect(long.cross(committed)).toEqual(crossed.committed)
          whole = crossed.local
          base = compose(base, committed)
          shown = compose(shown, crossed.committed)
        }
        if (random.chance(0.3)) expect(long.value()).toEqual(whole)
        const [position, stay] = [random.below(lengthOf(base) + 1), random.chance(0.5)]
        expect(long.place(position, stay)).toBe(transformPosition(whole, position, stay))
      }
      expect(long.value()).toEqual(whole)
      expect(compose(base, long.value())).toEqual(shown)
    })
  })

  test('can begin with a change of any length', () => {
    forSeeds(15, (random) => {
      const base: Delta = [{ insert: '0123456789'.repeat(500) }]
      let whole: Delta = []
      for (let n = 0; n < 150; n++) {
        whole = compose(whole, randomChange(random, compose(base, whole), { rich: true }))
      }
      const long = new LongChange(whole)
      expect(long.value()).toEqual(whole)
      const committed = randomChange(random, base, { rich: true })
      const crossed = cross(committed, whole)
      expect(long.cross(committed)).toEqual(crossed.committed)
      expect(long.value()).toEqual(crossed.local)
    })
  })

  test('is handed over in portions, between which others go on with the text as it is then', () => {
    forSeeds(15, (random) => {
      const style = { rich: true, lone: true }
      let behind: Delta = [{ insert: 'abcdefghij\n'.repeat(100) }]
      let ahead = behind
      const between = new LongChange([])
      for (let n = 0; n < 300; n++) {
        if (random.chance(0.6)) {
          const change = randomChange(random, ahead, style)
          between.compose(change)
          ahead = compose(ahead, change)
        } else if (random.chance(0.5)) {
          const edit = randomChange(random, behind, style)
          const crossed = cross(between.value(), edit)
          const moved = between.cross(edit, false)
          expect(moved).toEqual(crossed.local)
          expect(between.value()).toEqual(crossed.committed)
          behind = compose(behind, edit)
          ahead = compose(ahead, moved)
        } else behind = compose(behind, between.takeFirst(random.below(60) + 1))
        expect(compose(behind, between.value())).toEqual(ahead)
      }
      while (!between.isEmpty) behind = compose(behind, between.takeFirst(40))
      expect(behind).toEqual(ahead)
    })
  })
})
