import './preview.css'
import { t } from '../i18n'
import { type Block, Reader } from './markdown'
import { finish, type Tick } from './parts'
import { safe } from './safe'

interface Shown extends Block {
  readonly element: HTMLElement
}

/** A Markdown document as its readers see it. Only blocks that changed are made anew. */
export class Preview {
  /** A name that nobody can guess, see Reader. */
  private readonly mark = `data-q${crypto.getRandomValues(new Uint32Array(2)).join('')}`
  private readonly reader = new Reader(this.mark)
  private shown: readonly Shown[] = []

  constructor(
    /** What scrolls. */
    readonly scroller: HTMLElement,
    /** Its child, which the blocks go into. */
    private readonly page: HTMLElement,
    /** Ticks the task in a line of the source, counted from 0. */
    private readonly tick: Tick,
  ) {
    page.addEventListener('click', (event) => this.follow(event))
  }

  show(source: string): void {
    const before = this.shown
    const blocks = this.reader.blocks(source)
    const most = Math.min(before.length, blocks.length)
    let start = 0
    while (start < most && before[start]?.html === blocks[start]?.html) start++
    let end = 0
    while (end < most - start && before.at(-1 - end)?.html === blocks.at(-1 - end)?.html) end++

    const shift = before.length - blocks.length
    this.shown = blocks.map((block, n) => {
      const kept = n < start ? before[n] : n >= blocks.length - end ? before[n + shift] : undefined
      return { ...block, element: kept?.element ?? this.make(block) }
    })
    for (const { element } of before.slice(start, before.length - end)) element.remove()
    const next = before[before.length - end]?.element ?? null
    for (const { element } of this.shown.slice(start, blocks.length - end)) {
      this.page.insertBefore(element, next)
    }
    this.page.dataset.empty = blocks.length === 0 ? t('preview.empty') : ''
  }

  /** The line of the source at the top of the view, counted from 0; a fraction says how much of it is above. */
  topLine(): number {
    const top = this.scroller.scrollTop
    const block = this.shown.find(({ element }) => element.offsetTop + element.offsetHeight > top)
    if (!block) return this.shown.at(-1)?.to ?? 0
    const above = (top - block.element.offsetTop) / Math.max(1, block.element.offsetHeight)
    return block.from + Math.max(0, above) * (block.to - block.from)
  }

  /** Scrolls so that a line of the source is at the top. */
  showAtTop(line: number): void {
    const block = this.shown.findLast(({ from }) => from <= line) ?? this.shown[0]
    if (!block) return
    const { offsetTop, offsetHeight } = block.element
    const within = Math.min(1, Math.max(0, line - block.from) / Math.max(1, block.to - block.from))
    this.scroller.scrollTop = line <= 0 ? 0 : offsetTop + within * offsetHeight
  }

  private make({ html }: Block): HTMLElement {
    const element = document.createElement('div')
    element.className = 'block'
    element.dir = 'auto'
    element.append(safe(html, this.mark))
    finish(element, this.mark, (line) => this.tick(this.startOf(element) + line))
    return element
  }

  private startOf(element: HTMLElement): number {
    return this.shown.find((shown) => shown.element === element)?.from ?? 0
  }

  /** A link inside the document leads to a heading or a footnote. */
  private follow(event: MouseEvent): void {
    const link = (event.target as Element).closest('a[href^="#"]')
    if (!link) return
    event.preventDefault()
    const name = decodeURIComponent(link.getAttribute('href')?.slice(1) ?? '')
    const headings = [...this.page.querySelectorAll('h1, h2, h3, h4, h5, h6')]
    const target =
      this.page.querySelector(`[id="user-content-${CSS.escape(name)}"]`) ??
      headings.find((heading) => slug(heading.textContent ?? '') === name.toLowerCase())
    target?.scrollIntoView({ block: 'start' })
  }
}

/** How a heading is called in links: GitHub's way. */
const slug = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
    .replaceAll(' ', '-')
