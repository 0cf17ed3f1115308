import { equalJson } from './attributes'
import {
  type Attributes,
  type Delta,
  isDelete,
  isInsert,
  isRetain,
  type JsonObject,
  type Op,
} from './op'

const withAttributes = <T extends object>(op: T, attributes: Attributes | undefined) =>
  attributes ? { ...op, attributes } : op

/**
 * Builds a Delta in normal form: an insert goes before the delete it touches,
 * equal neighbours merge, a trailing bare retain is dropped. Everyone who
 * composes or transforms must tidy alike, or copies drift apart.
 */
export class DeltaBuilder {
  private readonly ops: Op[] = []

  insert(content: string | JsonObject, attributes?: Attributes): this {
    if (content === '') return this
    return this.push(withAttributes({ insert: content }, attributes))
  }

  retain(length: number, attributes?: Attributes): this {
    if (length <= 0) return this
    const empty = attributes === undefined || Object.keys(attributes).length === 0
    return this.push(withAttributes({ retain: length }, empty ? undefined : attributes))
  }

  delete(length: number): this {
    return length > 0 ? this.push({ delete: length }) : this
  }

  push(op: Op): this {
    let at = this.ops.length
    let last = this.ops[at - 1]
    if (isDelete(last) && isDelete(op)) {
      this.ops[at - 1] = { delete: last.delete + op.delete }
      return this
    }
    if (isDelete(last) && isInsert(op)) last = this.ops[--at - 1]
    const merged = last && mergeOps(last, op)
    if (merged) this.ops[at - 1] = merged
    else if (at === this.ops.length) this.ops.push(op)
    else this.ops.splice(at, 0, op)
    return this
  }

  build(): Delta {
    const last = this.ops.at(-1)
    if (isRetain(last) && !last.attributes) this.ops.pop()
    return this.ops
  }
}

function mergeOps(first: Op, second: Op): Op | undefined {
  if (isInsert(first) && isInsert(second)) {
    if (typeof first.insert !== 'string' || typeof second.insert !== 'string') return undefined
    if (!equalJson(first.attributes, second.attributes)) return undefined
    return withAttributes({ insert: first.insert + second.insert }, second.attributes)
  }
  if (isRetain(first) && isRetain(second)) {
    if (!equalJson(first.attributes, second.attributes)) return undefined
    return withAttributes({ retain: first.retain + second.retain }, first.attributes)
  }
  return undefined
}
