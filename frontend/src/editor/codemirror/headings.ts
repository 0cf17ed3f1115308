import { ensureSyntaxTree } from '@codemirror/language'
import type { EditorState } from '@codemirror/state'
import type { Heading } from '../editor'

/** Time to spend on reading what was not read yet, in ms. */
const PATIENCE = 200

/** The headings of a Markdown document, as its syntax tree has them. */
export function headingsOf(state: EditorState): Heading[] {
  const headings: Heading[] = []
  const tree = ensureSyntaxTree(state, state.doc.length, PATIENCE)
  tree?.iterate({
    enter: ({ name, from, to }) => {
      const level = Number(/^(?:ATX|Setext)Heading(\d)$/.exec(name)?.[1])
      if (!level) return name === 'Document'
      headings.push({ level, text: plain(state.sliceDoc(from, to)), index: from })
      return false
    },
  })
  return headings
}

/** A heading's words without the marks around them. */
function plain(source: string): string {
  const [first = ''] = source.split('\n')
  return first
    .replace(/^#{1,6}\s*|\s+#+\s*$/g, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`~]+/g, '')
    .trim()
}
