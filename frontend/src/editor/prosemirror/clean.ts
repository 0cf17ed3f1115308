import { inert } from '../../trusted'
import { setAside } from './styled'

/** What says nothing about the text. */
const NOISE =
  'br.Apple-interchange-newline, style, script, meta, link, title, xml, o\\:p, template, noscript'

/** HTML from the clipboard with what word processors add taken out, and their own ways of saying things made plain. Styles stay set aside. */
export function cleaned(html: string): string {
  const page = new DOMParser().parseFromString(inert(setAside(html)), 'text/html')
  for (const element of page.querySelectorAll(NOISE)) element.remove()
  removeComments(page)
  wordLists(page)
  wordTitles(page)
  checkLists(page)
  rowsAsLines(page)
  plainLinks(page)
  for (const paragraph of page.querySelectorAll('p, div, li')) {
    if (paragraph.textContent === '\u00a0') paragraph.textContent = ''
  }
  return page.body.innerHTML
}

/** Word says much in comments, which its own programs read. */
function removeComments(page: Document): void {
  const comments = page.createTreeWalker(page, NodeFilter.SHOW_COMMENT)
  const found: Node[] = []
  while (comments.nextNode()) found.push(comments.currentNode)
  for (const comment of found) comment.parentNode?.removeChild(comment)
}

/** Word's list items are paragraphs with the marker in their text and the level in their style. */
function wordLists(page: Document): void {
  for (const paragraph of page.querySelectorAll<HTMLElement>('p[data-style*="mso-list"]')) {
    const style = paragraph.dataset.style ?? ''
    const level = Number(/mso-list:[^;]*level(\d)/i.exec(style)?.[1] ?? 1)
    const marker = paragraph.querySelector('[data-style*="mso-list:Ignore" i]')
    const ordered = /^\s*\(?[0-9a-z]{1,4}[.)]/i.test(marker?.textContent ?? '')
    marker?.remove()
    const item = page.createElement('div')
    item.dataset.list = ordered ? 'ordered' : 'bullet'
    if (level > 1) item.dataset.indent = String(level - 1)
    item.append(...paragraph.childNodes)
    paragraph.replaceWith(item)
  }
}

function wordTitles(page: Document): void {
  for (const [name, tag] of [
    ['MsoTitle', 'h1'],
    ['MsoSubtitle', 'h2'],
  ] as const) {
    for (const title of page.querySelectorAll(`p.${name}`)) {
      const heading = page.createElement(tag)
      heading.append(...title.childNodes)
      title.replaceWith(heading)
    }
  }
}

/** Google Docs makes a box of a role, beside a picture of one. */
function checkLists(page: Document): void {
  for (const item of page.querySelectorAll('li[role="checkbox"]')) {
    for (const picture of item.querySelectorAll('img')) picture.remove()
    const box = page.createElement('input')
    box.type = 'checkbox'
    if (item.getAttribute('aria-checked') === 'true') box.setAttribute('checked', '')
    item.prepend(box)
    // What surrounds the text would stand between the item and its box.
    for (const paragraph of item.querySelectorAll('p'))
      paragraph.replaceWith(...paragraph.childNodes)
  }
}

/** There are no tables in a flat document: a row becomes a line. */
function rowsAsLines(page: Document): void {
  for (const table of page.querySelectorAll('table')) {
    const lines = [...table.rows].map((row) => {
      const line = page.createElement('p')
      ;[...row.cells].forEach((cell, n) => {
        if (n > 0) line.append(' | ')
        for (const block of cell.querySelectorAll('p, div')) block.replaceWith(...block.childNodes)
        line.append(...cell.childNodes)
      })
      return line
    })
    table.replaceWith(...lines)
  }
}

/** A link is underlined by being one. */
function plainLinks(page: Document): void {
  for (const part of page.querySelectorAll<HTMLElement>('a, a *')) {
    const { style } = part.dataset
    if (style) part.dataset.style = style.replace(/text-decoration(-line)?\s*:[^;]*;?/gi, '')
  }
  for (const underline of page.querySelectorAll('a u'))
    underline.replaceWith(...underline.childNodes)
}
