import type { Attributes, Delta, Json, JsonObject } from './op'

const has = (object: JsonObject, key: string) => Object.hasOwn(object, key)

/** Equality as JSON values: deep, the order of keys ignored. */
export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((item, index) => equalJson(item, b[index]))
  }
  const left = a as JsonObject
  const right = b as JsonObject
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  return keys.every((key) => has(right, key) && equalJson(left[key], right[key]))
}

/** Whether two deltas are the same; those that do the same are, see DeltaBuilder. */
export const equalDelta = (a: Delta, b: Delta): boolean =>
  equalJson(a as unknown as Json, b as unknown as Json)

const orNothing = (attributes: Record<string, Json>): Attributes | undefined =>
  Object.keys(attributes).length > 0 ? attributes : undefined

/** Attributes after first `a`, then `b`. A null stays only where the text may not have been seen yet (a retain). */
export function composeAttributes(
  a: Attributes | undefined,
  b: Attributes | undefined,
  keepNull: boolean,
): Attributes | undefined {
  const result: Record<string, Json> = {}
  for (const key in b) {
    const value = b[key] as Json
    if (keepNull || value !== null) result[key] = value
  }
  for (const key in a) {
    if (!b || !has(b, key)) result[key] = a[key] as Json
  }
  return orNothing(result)
}

/** `b` as it applies after `a`: with aFirst, a key that `a` set (even to null) keeps a's value. */
export function transformAttributes(
  a: Attributes | undefined,
  b: Attributes | undefined,
  aFirst: boolean,
): Attributes | undefined {
  if (!a || !b || !aFirst) return b
  const result: Record<string, Json> = {}
  for (const key in b) {
    if (!has(a, key)) result[key] = b[key] as Json
  }
  return orNothing(result)
}

/** What brings text with attributes `base`, changed by `change`, back to `base`. */
export function invertAttributes(
  change: Attributes | undefined,
  base: Attributes | undefined,
): Attributes | undefined {
  const result: Record<string, Json> = {}
  for (const key in change) {
    const before = base && has(base, key) ? (base[key] as Json) : null
    if (!equalJson(before, change[key])) result[key] = before
  }
  return orNothing(result)
}

/** What a retain needs to turn attributes `from` into `to`. */
export function diffAttributes(
  from: Attributes | undefined,
  to: Attributes | undefined,
): Attributes | undefined {
  const result: Record<string, Json> = {}
  for (const key in from) {
    if (!to || !has(to, key)) result[key] = null
  }
  for (const key in to) {
    if (!from || !has(from, key) || !equalJson(from[key], to[key])) result[key] = to[key] as Json
  }
  return orNothing(result)
}
