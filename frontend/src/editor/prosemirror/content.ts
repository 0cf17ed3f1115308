import { Fragment, type Node } from 'prosemirror-model'
import { type Attributes, type Delta, DeltaBuilder, isInsert, type JsonObject } from '../../delta'
import { attributesOf, formatOf, marksOf, schema } from './schema'

/** Attributes that mean something: a null says that there is none. */
function present(attributes: Attributes | undefined): Attributes {
  const entries = Object.entries(attributes ?? {}).filter(([, value]) => value !== null)
  return Object.fromEntries(entries)
}

export const lineNode = (format: Attributes | undefined, content: readonly Node[]): Node =>
  schema.node('line', { format: present(format) }, Fragment.fromArray([...content]))

export const embedNode = (value: JsonObject, attributes: Attributes | undefined): Node =>
  schema.node('embed', { value }, undefined, marksOf(attributes))

export interface Lines {
  readonly lines: readonly Node[]
  /** What follows the last newline; a well-formed document has nothing there. */
  readonly rest: readonly Node[]
}

/** Cuts content into lines. */
export function linesOf(content: Delta): Lines {
  const lines: Node[] = []
  let rest: Node[] = []
  for (const op of content) {
    if (!isInsert(op)) continue
    if (typeof op.insert !== 'string') {
      rest.push(embedNode(op.insert, op.attributes))
      continue
    }
    const marks = marksOf(op.attributes)
    const [first = '', ...others] = op.insert.split('\n')
    if (first) rest.push(schema.text(first, marks))
    for (const text of others) {
      lines.push(lineNode(op.attributes, rest))
      rest = text ? [schema.text(text, marks)] : []
    }
  }
  return { lines, rest }
}

/** Content as lines. A missing final newline is supplied. */
export function endedLines(content: Delta): readonly Node[] {
  const { lines, rest } = linesOf(content)
  return rest.length > 0 ? [...lines, lineNode({}, rest)] : lines
}

/** The editor's document for some content. There is at least one line. */
export function docOf(content: Delta): Node {
  const lines = endedLines(content)
  return schema.node('doc', null, lines.length > 0 ? [...lines] : [lineNode({}, [])])
}

export function endsInNewline(content: Delta): boolean {
  const last = content.at(-1)
  return isInsert(last) && typeof last.insert === 'string' && last.insert.endsWith('\n')
}

/** Adds inline content to a Delta. */
export function insertInline(delta: DeltaBuilder, node: Node): void {
  const attributes = attributesOf(node.marks)
  if (node.isText) delta.insert(node.text ?? '', attributes)
  else delta.insert(node.attrs.value as JsonObject, attributes)
}

export function insertNewline(delta: DeltaBuilder, line: Node): void {
  const format = formatOf(line)
  delta.insert('\n', Object.keys(format).length > 0 ? format : undefined)
}

/** The Delta of a whole document. */
export function contentOf(doc: Node): Delta {
  const delta = new DeltaBuilder()
  doc.forEach((line) => {
    for (const node of line.children) insertInline(delta, node)
    insertNewline(delta, line)
  })
  return delta.build()
}
