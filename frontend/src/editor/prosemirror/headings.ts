import type { Node } from 'prosemirror-model'
import type { Heading } from '../editor'
import { formatOf } from './schema'

/** The lines that are headings. */
export function headingsOf(doc: Node): Heading[] {
  const headings: Heading[] = []
  let index = 0
  doc.forEach((line) => {
    const { header } = formatOf(line)
    if (typeof header === 'number' && line.textContent.trim()) {
      headings.push({ level: header, text: line.textContent, index })
    }
    index += line.content.size + 1
  })
  return headings
}
