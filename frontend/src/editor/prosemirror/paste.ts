import { Fragment, type Node, Slice } from 'prosemirror-model'
import type { EditorProps } from 'prosemirror-view'
import { cleaned } from './clean'
import { lineNode } from './content'
import { formatOf, schema } from './schema'
import { clipboardParser } from './styled'

/** Stands for a line break on the way through the HTML parser, which would make a space of a newline. */
const BREAK = '\u2028'
const LINE_END = /\r\n?|\n|\u2028/

/** Marks line breaks. One right before the end of its block shows nothing and is dropped. */
export function markBreaks(html: string): string {
  return html
    .replace(/<br\b[^>]*>(?=\s*<\/(?:p|div|li|h[1-6]|blockquote|pre|td)\b)/gi, '')
    .replace(/<br\b[^>]*>/gi, BREAK)
}

/** Text from anywhere as lines: each line end makes one, empty lines stay. */
function textLines(text: string, model: Node): Node[] {
  return text
    .split(LINE_END)
    .map((line) => lineNode(formatOf(model), line ? [schema.text(line)] : []))
}

/**
 * A newline inside a text node would be a second line in the Delta and one in
 * the editor, so lines from HTML (`<pre>`, `<br>`) are cut at each.
 */
function cutLine(line: Node): Node[] {
  if (!LINE_END.test(line.textContent)) return [line]
  const lines: Node[] = []
  let content: Node[] = []
  const finish = () => {
    lines.push(lineNode(formatOf(line), content))
    content = []
  }
  line.forEach((node) => {
    if (!node.isText) {
      content.push(node)
      return
    }
    ;(node.text ?? '').split(LINE_END).forEach((text, n) => {
      if (n > 0) finish()
      if (text) content.push(schema.text(text, node.marks))
    })
  })
  finish()
  return lines
}

export function cutLines(content: Fragment): Fragment {
  const nodes: Node[] = []
  content.forEach((node) => {
    if (node.type === schema.nodes.line) nodes.push(...cutLine(node))
    else nodes.push(node)
  })
  return Fragment.fromArray(nodes)
}

export const paste: EditorProps = {
  clipboardParser,
  clipboardTextParser: (text, context) => {
    const lines = textLines(text, context.parent)
    return new Slice(Fragment.fromArray(lines), 1, 1)
  },
  clipboardTextSerializer: (slice) => slice.content.textBetween(0, slice.content.size, '\n'),
  transformPastedHTML: (html) => markBreaks(cleaned(html)),
  transformPasted: (slice) => new Slice(cutLines(slice.content), slice.openStart, slice.openEnd),
}
