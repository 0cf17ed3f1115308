import { type Attributes, type Delta, isInsert } from '../../delta'

/** One line of rich text: what is in it, and what its newline says of it. */
interface Line {
  readonly parts: readonly Part[]
  readonly format: Attributes
}
interface Part {
  readonly text: string
  readonly attributes: Attributes
}

/** Rich text as Markdown, as far as Markdown has words for it: colours, alignment and underlining have none there. */
export function markdownOf(content: Delta): string {
  const out: string[] = []
  let inCode = false
  const counts: number[] = []
  for (const line of linesOf(content)) {
    const isCode = Boolean(line.format['code-block'])
    if (isCode !== inCode) out.push('```')
    inCode = isCode
    const indent = Number(line.format.indent ?? 0)
    const ordered = line.format.list === 'ordered'
    counts.length = ordered ? indent + 1 : indent
    if (ordered) counts[indent] = (counts[indent] ?? 0) + 1
    out.push(isCode ? plain(line) : before(line, counts[indent] ?? 1) + inline(line))
  }
  if (inCode) out.push('```')
  return `${out.join('\n')}\n`
}

/** What stands before the text of a line. */
function before({ format }: Line, number: number): string {
  const indent = '   '.repeat(Number(format.indent ?? 0))
  if (typeof format.header === 'number') return `${'#'.repeat(format.header)} `
  if (format.blockquote) return '> '
  switch (format.list) {
    case 'ordered':
      return `${indent}${number}. `
    case 'bullet':
      return `${indent}- `
    case 'checked':
      return `${indent}- [x] `
    case 'unchecked':
      return `${indent}- [ ] `
    default:
      return ''
  }
}

const plain = ({ parts }: Line) => parts.map(({ text }) => text).join('')

const inline = ({ parts }: Line) => parts.map(formatted).join('')

function formatted({ text, attributes }: Part): string {
  const { bold, italic, strike, code, link, image } = attributes
  if (typeof image === 'string') return `![](${image})`
  const [, space = '', words = '', rest = ''] = /^(\s*)(.*?)(\s*)$/s.exec(text) ?? []
  if (!words) return text
  let out = code ? `\`${words}\`` : escaped(words)
  if (bold) out = `**${out}**`
  if (italic) out = `*${out}*`
  if (strike) out = `~~${out}~~`
  if (typeof link === 'string') out = `[${out}](${link})`
  return space + out + rest
}

/** Letters that would mean something in Markdown, as they are. */
const escaped = (text: string) =>
  text.replace(/[\\`*_[\]<]/g, '\\$&').replace(/^([#>+-]|\d+[.)])(?=\s)/, '\\$1')

function linesOf(content: Delta): Line[] {
  const lines: Line[] = []
  let parts: Part[] = []
  for (const { insert, attributes = {} } of content.filter(isInsert)) {
    if (typeof insert !== 'string') {
      const { image } = insert
      parts.push({ text: '', attributes: typeof image === 'string' ? { image } : {} })
      continue
    }
    for (const piece of insert.split(/(\n)/)) {
      if (piece === '\n') {
        lines.push({ parts, format: attributes })
        parts = []
      } else if (piece) parts.push({ text: piece, attributes })
    }
  }
  return parts.length > 0 ? [...lines, { parts, format: {} }] : lines
}
