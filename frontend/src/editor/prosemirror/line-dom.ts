import type { DOMOutputSpec, TagParseRule } from 'prosemirror-model'
import type { Attributes } from '../../delta'
import { t } from '../../i18n'

const MOST_INDENT = 8

/** How deep a line is nested. */
export function indentOf(format: Attributes): number {
  const { indent } = format
  return typeof indent === 'number' ? Math.min(Math.max(0, Math.floor(indent)), MOST_INDENT) : 0
}

export const isCheck = (list: unknown) => list === 'checked' || list === 'unchecked'

const ALIGNMENTS = new Set(['center', 'right', 'justify'])

/**
 * A line as HTML. List lines are plain blocks with a visible marker: a flat
 * document has no list element around them, and a list item without a list is
 * an error to screen readers.
 */
export function lineDom(format: Attributes): DOMOutputSpec {
  const { header, list, align, direction } = format
  const attributes: Record<string, string> = { class: 'line' }
  if (typeof align === 'string' && ALIGNMENTS.has(align)) attributes.style = `text-align: ${align}`
  attributes.dir = direction === 'rtl' ? 'rtl' : 'auto'
  const indent = indentOf(format)
  if (indent > 0) attributes['data-indent'] = String(indent)
  if (typeof list === 'string') return listDom(list, attributes)
  if (format['code-block']) {
    const code = { ...attributes, class: 'line code', dir: 'ltr', spellcheck: 'false' }
    return ['pre', code, 0]
  }
  if (format.blockquote) return ['blockquote', attributes, 0]
  if (typeof header === 'number' && header >= 1 && header <= 6) {
    return [`h${Math.floor(header)}`, attributes, 0]
  }
  return ['p', attributes, 0]
}

function listDom(list: string, attributes: Record<string, string>): DOMOutputSpec {
  const listed = { ...attributes, 'data-list': list }
  if (!isCheck(list)) return ['div', listed, 0]
  const checked = list === 'checked'
  const box = {
    class: 'check',
    role: 'checkbox',
    'aria-checked': String(checked),
    'aria-label': t(checked ? 'editor.done' : 'editor.toDo'),
    contenteditable: 'false',
  }
  return ['div', listed, ['span', box], ['div', { class: 'check-text' }, 0]]
}

const line = (tag: string, format: (element: HTMLElement) => Attributes): TagParseRule => ({
  tag,
  getAttrs: (element) => ({ format: format(element) }),
})

const HEADINGS = [1, 2, 3, 4, 5, 6].map((header) => line(`h${header}`, () => ({ header })))

/** How deep a pasted list item is nested in further lists. */
function nesting(item: HTMLElement): number {
  let depth = 0
  for (
    let up = item.parentElement?.closest('ul, ol');
    up;
    up = up.parentElement?.closest('ul, ol')
  ) {
    depth++
  }
  return Math.max(0, depth - 1)
}

function itemFormat(item: HTMLElement): Attributes {
  const indent = nesting(item)
  const deeper = indent > 0 ? { indent } : {}
  const box = item.querySelector<HTMLInputElement>(':scope > input[type=checkbox]')
  if (box) return { list: box.checked ? 'checked' : 'unchecked', ...deeper }
  return { list: item.parentElement?.nodeName === 'OL' ? 'ordered' : 'bullet', ...deeper }
}

function ownFormat(element: HTMLElement): Attributes {
  const { list = 'bullet', indent } = element.dataset
  return indent ? { list, indent: Number(indent) } : { list }
}

/** How HTML from elsewhere, and our own from the clipboard, becomes lines. */
export const lineRules: readonly TagParseRule[] = [
  { tag: 'span.check', ignore: true },
  { tag: 'div.check-text', skip: true },
  line('div[data-list]', ownFormat),
  // Word processors wrap the text of a list item in a paragraph.
  { tag: 'li > p', skip: true },
  line('li', itemFormat),
  ...HEADINGS,
  { ...line('pre', () => ({ 'code-block': true })), preserveWhitespace: 'full' },
  line('blockquote', () => ({ blockquote: true })),
  { tag: 'blockquote > p', getAttrs: () => ({ format: { blockquote: true } }), priority: 60 },
  line('p', () => ({})),
  line('div', () => ({})),
]
