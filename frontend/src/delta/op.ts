/** A JSON value, as attribute values and embeds hold it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** Formatting of a piece of text. In a retain, `null` removes the attribute. */
export type Attributes = JsonObject

export interface Insert {
  /** Text, or an embed: one object that counts as one position. */
  readonly insert: string | JsonObject
  readonly attributes?: Attributes
}
export interface Retain {
  readonly retain: number
  readonly attributes?: Attributes
}
export interface Delete {
  readonly delete: number
}

/** One step of a Delta. All lengths are UTF-16 code units. */
export type Op = Insert | Retain | Delete

/** A change, or (inserts only) a whole document. Never modified once made. */
export type Delta = readonly Op[]

export const isInsert = (op: Op | undefined): op is Insert => (op as Insert)?.insert !== undefined
export const isRetain = (op: Op | undefined): op is Retain => (op as Retain)?.retain !== undefined
export const isDelete = (op: Op | undefined): op is Delete => (op as Delete)?.delete !== undefined

/** What a position holding an embed looks like where only text can be shown. */
export const EMBED_CHARACTER = '\ufffc'

/** Number of UTF-16 code units that op spans: in the new text for an insert, in the old text otherwise. */
export function lengthOfOp(op: Op): number {
  if (isRetain(op)) return op.retain
  if (isDelete(op)) return op.delete
  return typeof op.insert === 'string' ? op.insert.length : 1
}

/** Length of the document that content (inserts only) describes. */
export function lengthOf(content: Delta): number {
  let length = 0
  for (const op of content) length += lengthOfOp(op)
  return length
}

/** Text of a document's content; every embed is one U+FFFC, so that positions stay. */
export function textOf(content: Delta): string {
  let text = ''
  for (const op of content) {
    if (isInsert(op)) text += typeof op.insert === 'string' ? op.insert : EMBED_CHARACTER
  }
  return text
}
