import { highlightCode, tagHighlighter, tags } from '@lezer/highlight'
import { bare, languageNamed } from '../editor/codemirror/languages'
import { t } from '../i18n'
import { pictured } from '../place'
import { drawDiagram } from './diagram'
import type { Part } from './markdown'

const { function: called, special } = tags

const highlighter = tagHighlighter([
  { tag: [tags.comment, tags.lineComment, tags.blockComment], class: 'syntax-comment' },
  { tag: [tags.keyword, tags.modifier, tags.controlKeyword], class: 'syntax-keyword' },
  { tag: [tags.string, special(tags.string), tags.regexp], class: 'syntax-string' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], class: 'syntax-number' },
  { tag: [called(tags.variableName), called(tags.propertyName)], class: 'syntax-name' },
  { tag: [tags.typeName, tags.className, tags.tagName, tags.namespace], class: 'syntax-type' },
])

/** Ticks the task in a line of its block, counted from 0. */
export type Tick = (line: number) => void

/** Finishes what only code can: boxes, colours, formulas, diagrams. */
export function finish(root: ParentNode, mark: string, tick: Tick): void {
  for (const element of root.querySelectorAll<HTMLElement>(`[${mark}]`)) {
    const part = JSON.parse(element.getAttribute(mark) ?? '{}') as Part
    element.removeAttribute(mark)
    if (part.part === 'task') element.replaceWith(box(element, part, tick))
    else if (part.part === 'code') void colour(element, part.language)
    else if (part.part === 'formula') void formula(element, part.display)
    else void drawDiagram(element)
  }
  for (const link of root.querySelectorAll<HTMLAnchorElement>('a[href]:not([href^="#"])')) {
    link.target = '_blank'
    link.rel = 'noopener noreferrer'
  }
  for (const image of root.querySelectorAll('img')) {
    image.loading = 'lazy'
    image.src = pictured(image.getAttribute('src') ?? '')
  }
}

function box(place: HTMLElement, { line, done }: Part & { part: 'task' }, tick: Tick) {
  const item = place.closest('li')
  item?.classList.add('task')
  const input = document.createElement('input')
  input.type = 'checkbox'
  input.checked = done
  input.setAttribute('aria-label', item?.textContent?.trim() || t('preview.task'))
  input.addEventListener('change', () => {
    // The source says what is done; it may not be the user's to change.
    input.checked = done
    tick(line)
  })
  return input
}

async function colour(place: HTMLElement, name: string): Promise<void> {
  // Long lines scroll, and so must be within reach of the keyboard.
  place.tabIndex = 0
  const found = languageNamed(name)
  if (!found) return
  const language = bare(await found.load())
  const source = place.textContent ?? ''
  const code = document.createElement('code')
  const put = (text: string, classes: string) => {
    if (!classes) {
      code.append(text)
      return
    }
    const span = document.createElement('span')
    span.className = classes
    span.textContent = text
    code.append(span)
  }
  const tree = language.parser.parse(source)
  highlightCode(source, tree, highlighter, put, () => code.append('\n'))
  place.replaceChildren(code)
}

/** TeX as MathML, which browsers draw and read aloud by themselves. */
async function formula(place: HTMLElement, displayMode: boolean): Promise<void> {
  const { default: temml } = await import('temml')
  const formula = document.createElement(displayMode ? 'div' : 'span')
  formula.className = displayMode ? 'formula display' : 'formula'
  const options = { displayMode, throwOnError: false, trust: false, maxExpand: 1000 }
  temml.render(place.textContent ?? '', formula, options)
  place.replaceWith(formula)
}
