import { DOMParser, type ParseOptions, type Slice } from 'prosemirror-model'
import { schema } from './schema'

// The page's content policy lets no style attribute in, not even into HTML that is only read. So on its way from the clipboard to the
// schema's rules, styles are in an attribute of another name.

const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^'">])*>/gi
const STYLE = /("[^"]*"|'[^']*')|(\s)style(?=\s*=)/gi

/** HTML with its styles set aside. */
export const setAside = (html: string): string =>
  html
    .replace(/<style\b[\s\S]*?<\/style\s*>/gi, '')
    .replace(TAG, (tag) =>
      tag.replace(STYLE, (all, quoted, space) => (quoted ? all : `${space}data-style`)),
    )

/** Gives elements the styles that were set aside. */
export function dress(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>('[data-style]')) {
    element.style.cssText = element.dataset.style ?? ''
    delete element.dataset.style
  }
}

class StyledParser extends DOMParser {
  override parseSlice(dom: Node, options?: ParseOptions): Slice {
    dress(dom as HTMLElement)
    return super.parseSlice(dom, options)
  }
}

/** Reads what comes from the clipboard. */
export const clipboardParser = new StyledParser(schema, DOMParser.fromSchema(schema).rules)
