import './preview.css'
import { t } from '../i18n'
import { type Block, Reader } from './markdown'
import { finish, type Tick } from './parts'
import { safe } from './safe'

interface Shown extends Block {
  readonly element: HTMLElement
}

/** More new blocks than these are filled as they come into view: a megabyte of text would hold up the page for seconds. */
const MANY = 300

/** The elements of blocks, by what is in them. */
function byHtml(shown: readonly Shown[]): Map<string, HTMLElement[]> {
  const elements = new Map<string, HTMLElement[]>()
  for (const { html, element } of shown) {
    const same = elements.get(html)
    if (same) same.push(element)
    else elements.set(html, [element])
  }
  return elements
}

/** A Markdown document as its readers see it. Only blocks that changed are made anew. */
export class Preview {
  /** A name that nobody can guess, see Reader. */
  private readonly mark = `data-q${crypto.getRandomValues(new Uint32Array(2)).join('')}`
  private readonly reader = new Reader(this.mark)
  private shown: readonly Shown[] = []
  /** Blocks that are only places yet, with the HTML that goes into them. */
  private readonly empty = new Map<HTMLElement, string>()

  constructor(
    /** What scrolls. */
    readonly scroller: HTMLElement,
    /** Its child, which the blocks go into. */
    private readonly page: HTMLElement,
    /** Ticks the task in a line of the source, counted from 0. */
    private readonly tick: Tick,
  ) {
    page.addEventListener('click', (event) => this.follow(event))
    scroller.addEventListener('scroll', () => this.fillInView(), { passive: true })
    addEventListener('beforeprint', () => this.fillAll())
  }

  show(source: string): void {
    const blocks = this.reader.blocks(source)
    const kept = byHtml(this.shown)
    this.shown = blocks.map((block) => {
      const element = kept.get(block.html)?.shift() ?? this.make(block)
      return { ...block, element }
    })
    for (const element of [...kept.values()].flat()) {
      element.remove()
      this.empty.delete(element)
    }
    let place = this.page.firstChild
    for (const { element } of this.shown) {
      if (element === place) place = place.nextSibling
      else this.page.insertBefore(element, place)
    }
    if (this.empty.size <= MANY) this.fillAll()
    else this.fillInView()
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
    this.empty.set(element, html)
    return element
  }

  /** Fills the blocks in view, and as much above and below. The others are places only, until somebody looks. */
  private fillInView(): void {
    if (this.empty.size === 0) return
    const { scrollTop, clientHeight } = this.scroller
    const isNear = ({ offsetTop, offsetHeight }: HTMLElement) =>
      offsetTop < scrollTop + 2 * clientHeight &&
      offsetTop + offsetHeight > scrollTop - clientHeight
    // Found before the first is filled: that changes where they all are.
    for (const element of [...this.empty.keys()].filter(isNear)) this.fill(element)
  }

  /** Fills everything, for paper. */
  fillAll(): void {
    for (const element of [...this.empty.keys()]) this.fill(element)
  }

  private fill(element: HTMLElement): void {
    const html = this.empty.get(element) ?? ''
    this.empty.delete(element)
    element.append(safe(html, this.mark))
    finish(element, this.mark, (line) => this.tick(this.startOf(element) + line))
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
