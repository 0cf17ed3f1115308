import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import QuillDelta, { AttributeMap } from 'quill-delta'
import { describe, expect, test } from 'vitest'
import { forSeeds, randomChange, randomContent } from '../testing/random'
import {
  Content,
  compose,
  composeAll,
  type Delta,
  diffAttributes,
  invert,
  lengthOf,
  transform,
  transformPosition,
  untransformPosition,
} from '.'

const quill = (delta: Delta) =>
  new QuillDelta(structuredClone(delta) as unknown as QuillDelta['ops'])
const RICH = { rich: true, lone: true }

describe('laws', () => {
  test('both roads of a pair of concurrent changes end in one document', () => {
    forSeeds(500, (random) => {
      const base = randomContent(random, RICH)
      const a = randomChange(random, base, RICH)
      const b = randomChange(random, base, RICH)
      const left = compose(compose(base, a), transform(a, b, true))
      const right = compose(compose(base, b), transform(b, a, false))
      expect(left).toEqual(right)
    })
  })

  test('compose is associative and invert undoes', () => {
    forSeeds(500, (random) => {
      const base = randomContent(random, RICH)
      const a = randomChange(random, base, RICH)
      const after = compose(base, a)
      const b = randomChange(random, after, RICH)
      expect(compose(compose(base, a), b)).toEqual(compose(base, compose(a, b)))
      expect(compose(after, invert(a, base))).toEqual(base)
    })
  })

  test('content folded late equals content folded at once', () => {
    forSeeds(50, (random) => {
      let now = randomContent(random, RICH)
      const late = new Content(now)
      const changes: Delta[] = []
      for (let n = 0; n < 20; n++) {
        const change = randomChange(random, now, RICH)
        changes.push(change)
        late.apply(change)
        now = compose(now, change)
      }
      expect(late.value()).toEqual(now)
      expect(composeAll(changes)).toEqual(changes.reduce(compose, []))
    })
  })

  test('a position goes back to where it came from', () => {
    forSeeds(500, (random) => {
      const base = randomContent(random)
      const change = randomChange(random, base)
      const position = random.below(lengthOf(compose(base, change)) + 1)
      const before = untransformPosition(change, position)
      const low = transformPosition(change, before, true)
      const high = transformPosition(change, before, false)
      expect(low).toBeLessThanOrEqual(position)
      expect(high).toBeGreaterThanOrEqual(position)
    })
  })
})

describe('the same answers as quill-delta', () => {
  test('on random changes', () => {
    forSeeds(500, (random) => {
      const base = randomContent(random, RICH)
      const a = randomChange(random, base, RICH)
      const b = randomChange(random, base, RICH)
      const c = randomChange(random, compose(base, a), RICH)
      expect(compose(base, a)).toEqual(quill(base).compose(quill(a)).ops)
      expect(compose(a, c)).toEqual(quill(a).compose(quill(c)).ops)
      for (const first of [true, false]) {
        expect(transform(a, b, first)).toEqual(quill(a).transform(quill(b), first).ops)
        const at = random.below(lengthOf(base) + 1)
        expect(transformPosition(a, at, first)).toBe(quill(a).transformPosition(at, first))
      }
    })
  })

  test('attribute differences', () => {
    const from = { bold: true, list: { a: 1 } }
    const to = { list: { a: 1 }, color: 'red' }
    expect(diffAttributes(from, to)).toEqual(AttributeMap.diff(from, to))
  })
})

const VECTORS =
  process.env.OT_VECTORS ?? fileURLToPath(new URL('../../../../shared/vectors', import.meta.url))

interface Vector {
  id: string
  kind: string
  [field: string]: unknown
}

function vectors(name: string): Vector[] {
  const lines = gunzipSync(readFileSync(`${VECTORS}/${name}.jsonl.gz`))
    .toString()
    .trimEnd()
  return lines.split('\n').map((line) => JSON.parse(line) as Vector)
}

const delta = (value: unknown) => value as Delta

describe.skipIf(!existsSync(VECTORS))('conformance vectors (OT_VECTORS)', () => {
  test('compose and apply', () => {
    for (const v of [...vectors('compose'), ...vectors('apply')]) {
      expect(compose(delta(v.a ?? v.doc), delta(v.b ?? v.op)), v.id).toEqual(v.want)
    }
  })

  test('transform', () => {
    for (const v of vectors('transform')) {
      const a = delta(v.a)
      const b = delta(v.b)
      expect(transform(a, b, true), v.id).toEqual(v.b_after_a_a_first)
      expect(transform(a, b, false), v.id).toEqual(v.b_after_a_b_first)
      expect(transform(b, a, true), v.id).toEqual(v.a_after_b_b_first)
      expect(transform(b, a, false), v.id).toEqual(v.a_after_b_a_first)
    }
  })

  test('positions', () => {
    for (const v of vectors('cursor')) {
      const index = v.index as number
      expect(transformPosition(delta(v.op), index, v.priority as boolean), v.id).toBe(v.want)
    }
  })

  test('invert brings the document back', () => {
    for (const v of vectors('invert')) {
      const doc = delta(v.doc)
      const op = delta(v.op)
      const undo = invert(op, doc)
      expect(compose(compose(doc, op), undo), v.id).toEqual(
        compose(compose(doc, op), delta(v.want)),
      )
    }
  })
})
