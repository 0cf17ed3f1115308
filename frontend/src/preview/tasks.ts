import type { MarkdownIt } from 'markdown-it'

/** Makes boxes of `[ ]` and `[x]` at the start of list items. `render` is told the line of the source and the state. */
export function tasks(md: MarkdownIt, render: (line: number, done: boolean) => string): void {
  md.core.ruler.after('inline', 'tasks', (state) => {
    state.tokens.forEach((token, n) => {
      const inItem = state.tokens[n - 2]?.type === 'list_item_open'
      const [first] = token.children ?? []
      const match = /^\[([ xX])\](?:\s+|$)/.exec(first?.content ?? '')
      if (token.type !== 'inline' || !inItem || !first || first.type !== 'text' || !match) return
      first.content = first.content.slice(match[0].length)
      const box = new state.Token('task', '', 0)
      box.meta = { line: token.map?.[0] ?? 0, done: match[1] !== ' ' }
      token.children?.unshift(box)
    })
  })
  md.renderer.rules.task = (tokens, n) => {
    const meta = tokens[n]?.meta
    return render(Number(meta?.line), meta?.done === true)
  }
}
