import createMarkdown, { type MarkdownIt, type Token } from 'markdown-it'
import footnote from 'markdown-it-footnote'
import { math } from './math'
import { tasks } from './tasks'

/** One paragraph, list, table or the like of a document. */
export interface Block {
  /** HTML that is not safe yet. */
  readonly html: string
  /** The first line of the source, counted from 0, and the one after the last. */
  readonly from: number
  readonly to: number
}

/** What the page makes of something when its HTML is safe. */
export type Part =
  /** `line` counts from the start of the block. */
  | { readonly part: 'task'; readonly line: number; readonly done: boolean }
  | { readonly part: 'code'; readonly language: string }
  | { readonly part: 'formula'; readonly display: boolean }
  | { readonly part: 'diagram' }

/**
 * Reads Markdown (CommonMark and GitHub's tables, tasks and strikethrough, with footnotes and formulas). Parts that are
 * finished later carry the attribute `mark`; it is a secret of this page, so that nobody's HTML can pretend to be one.
 */
export class Reader {
  private readonly md: MarkdownIt
  /** Where the block begins that is being written. */
  private from = 0

  constructor(mark: string) {
    const marked = (part: Part) => `${mark}="${this.md.utils.escapeHtml(JSON.stringify(part))}"`
    this.md = new createMarkdown({ html: true, linkify: true })
    this.md.use(footnote)
    tasks(
      this.md,
      (line, done) => `<span ${marked({ part: 'task', line: line - this.from, done })}></span>`,
    )
    math(this.md, (source, display) => {
      const code = this.md.utils.escapeHtml(source)
      return `<code ${marked({ part: 'formula', display })}>${code}</code>`
    })
    const code = (source: string, language: string) => {
      const part: Part = language === 'mermaid' ? { part: 'diagram' } : { part: 'code', language }
      return `<pre ${marked(part)}><code>${this.md.utils.escapeHtml(source)}</code></pre>`
    }
    const { rules } = this.md.renderer
    rules.fence = (tokens, n) => {
      const { content = '', info = '' } = tokens[n] ?? {}
      return code(content, info.trim().split(/\s+/)[0]?.toLowerCase() ?? '')
    }
    rules.th_open = rules.td_open = (tokens, n, options, _env, renderer) => {
      const cell = tokens[n] as Token
      const [, side] = /^text-align:(\w+)$/.exec(String(cell.attrGet('style') ?? '')) ?? []
      cell.attrs = side ? [['align', side]] : null
      return renderer.renderToken(tokens, n, options)
    }
    rules.code_block = (tokens, n) => code(tokens[n]?.content ?? '', '')
  }

  /** The document's blocks, in order. */
  blocks(source: string): Block[] {
    const env = {}
    const tokens = this.md.parse(source, env)
    const lines = countLines(source)
    return groups(tokens).map((group) => {
      this.from = group.find(({ map }) => map)?.map?.[0] ?? lines
      return {
        html: this.md.renderer.render(group, this.md.options, env),
        from: this.from,
        to: group.reduce((last, { map }) => Math.max(last, map?.[1] ?? 0), 0) || lines,
      }
    })
  }
}

const countLines = (text: string) => text.split('\n').length

/** Tokens that belong together: each block of the top level, with what an HTML element around several of them holds. */
function groups(tokens: readonly Token[]): Token[][] {
  const found: Token[][] = []
  let group: Token[] = []
  let depth = 0
  let open = 0
  for (const token of tokens) {
    group.push(token)
    depth += token.nesting
    if (token.type === 'html_block' && depth === 0)
      open = Math.max(0, open + unclosed(token.content))
    if (depth > 0 || open > 0) continue
    found.push(group)
    group = []
  }
  if (group.length > 0) found.push(group)
  return found
}

/** Elements that HTML opens and does not close, less those that it only closes. */
function unclosed(html: string): number {
  let open = 0
  for (const [tag] of html.matchAll(
    /<\/?(?:details|div|section|blockquote|table|ul|ol|dl|figure|p)\b[^>]*>/gi,
  )) {
    open += tag.startsWith('</') ? -1 : 1
  }
  return open
}
