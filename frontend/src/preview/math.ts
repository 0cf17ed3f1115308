import type { MarkdownIt, StateBlock, StateInline } from 'markdown-it'

/** Puts a formula into the page; `display` is for one that stands alone. */
export type RenderFormula = (source: string, display: boolean) => string

/** `$…$` in a line: no space inside its ends and no digit after it, so that prices stay prices. `$$…$$` is shown apart. */
function inline(state: StateInline, silent: boolean): boolean {
  const text = state.src.slice(state.pos, state.posMax)
  const apart = /^\$\$([^$\n]+)\$\$/.exec(text)
  const match = apart ?? /^\$(?![\s$])((?:\\.|[^\\$\n])+?)(?<!\s)\$(?![\d$])/.exec(text)
  if (!match) return false
  if (!silent) state.push(apart ? 'formula_block' : 'formula', 'math', 0).content = match[1] ?? ''
  state.pos += match[0].length
  return true
}

/** `$$` … `$$`, on lines of their own or on one. */
function block(state: StateBlock, first: number, end: number, silent: boolean): boolean {
  const lineAt = (n: number) =>
    state.src.slice((state.bMarks[n] ?? 0) + (state.tShift[n] ?? 0), state.eMarks[n]).trim()
  if (!lineAt(first).startsWith('$$')) return false
  const lines: string[] = []
  let next = first
  let closed = false
  for (; next < end && !closed; next++) {
    let text = lineAt(next)
    if (next === first) text = text.slice(2)
    closed = text.endsWith('$$')
    lines.push(closed ? text.slice(0, -2) : text)
  }
  if (!closed) return false
  if (silent) return true
  const token = state.push('formula_block', 'math', 0)
  token.block = true
  token.content = lines.join('\n').trim()
  token.map = [first, next]
  state.line = next
  return true
}

/** Formulas in TeX. */
export function math(md: MarkdownIt, render: RenderFormula): void {
  md.inline.ruler.before('escape', 'formula', inline)
  md.block.ruler.before('fence', 'formula_block', block, {
    alt: ['paragraph', 'reference', 'blockquote', 'list'],
  })
  md.renderer.rules.formula = (tokens, n) => render(tokens[n]?.content ?? '', false)
  md.renderer.rules.formula_block = (tokens, n) => render(tokens[n]?.content ?? '', true)
}
