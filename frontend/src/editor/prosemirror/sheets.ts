import { Plugin } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'

/** Documents with more lines than this are laid out in sheets. */
const MANY_LINES = 200
/** Lines of a sheet when it is made, and when it is cut. */
const LINES = 50
const MOST_LINES = 2 * LINES
/** What a line is taken to measure before it was ever shown: its units in a row, the height of a row and what is around, in px. */
const UNITS_A_ROW = 85
const ROW = 28
const AROUND = 8

/**
 * Lines that lie on one another's heels, in a box that the browser leaves alone while it is out of sight: it computes no
 * styles and no layout for it, and does not read its text after each key, as Chromium does with all that can be edited.
 *
 * The boxes are slots in a shadow tree. In the document itself lines stay children of the text, so that the editor, selections
 * and style sheets know nothing of them.
 */
class Sheet {
  readonly slot = document.createElement('slot')
  lines = new Set<Element>()

  constructor() {
    this.slot.part.add('sheet')
  }

  /** Its lines as they follow one another. */
  inOrder(): Element[] {
    let [first] = this.lines
    for (let before = first; before && this.lines.has(before); ) {
      first = before
      before = before.previousElementSibling ?? undefined
    }
    const all: Element[] = []
    for (let line = first; line && this.lines.has(line); ) {
      all.push(line)
      line = line.nextElementSibling ?? undefined
    }
    return all
  }

  show(lines: readonly Element[]): void {
    this.slot.assign(...lines)
    let height = 0
    for (const line of lines) {
      height += ROW * Math.ceil(((line.textContent?.length ?? 0) + 1) / UNITS_A_ROW) + AROUND
    }
    this.slot.style.containIntrinsicBlockSize = `auto ${height}px`
  }
}

/** The sheets of one long text. */
class Sheets {
  private readonly root: ShadowRoot
  private readonly observer: MutationObserver
  private readonly sheetOf = new Map<Node, Sheet>()
  private changed = new Set<Sheet>()
  private awake: readonly Element[] = []

  constructor(private readonly text: HTMLElement) {
    this.root = text.attachShadow({ mode: 'open', slotAssignment: 'manual' })
    this.observer = new MutationObserver((records) => this.follow(records))
    this.observer.observe(text, { childList: true })
    this.placeFrom(text.firstElementChild)
    this.draw()
  }

  /** Takes in what changed so far, before anybody measures it. `line` has the caret. */
  settle(line: Node | null): void {
    this.follow(this.observer.takeRecords())
    this.keepAwake(this.at(line)?.slot)
  }

  /** Keys that move the caret pass over what is not laid out: it must be there beside the caret, and at both ends. */
  private keepAwake(caret: Element | undefined): void {
    const { firstElementChild: first, lastElementChild: last } = this.root
    const near = [caret?.previousElementSibling, caret, caret?.nextElementSibling]
    const awake = [first, ...near, last].filter((slot) => slot instanceof Element)
    for (const slot of this.awake) if (!awake.includes(slot)) slot.part.remove('awake')
    for (const slot of awake) slot.part.add('awake')
    this.awake = awake
  }

  private follow(records: readonly MutationRecord[]): void {
    const added = new Set<Node>()
    for (const record of records) {
      for (const node of [...record.removedNodes, ...record.addedNodes]) this.forget(node)
      for (const node of record.addedNodes) added.add(node)
    }
    for (const node of added) {
      if (node instanceof Element && node.parentNode === this.text && !this.sheetOf.has(node)) {
        this.placeFrom(this.firstOfRun(node))
      }
    }
    this.draw()
  }

  private forget(line: Node): void {
    const sheet = this.sheetOf.get(line)
    if (!sheet) return
    this.sheetOf.delete(line)
    sheet.lines.delete(line as Element)
    this.changed.add(sheet)
  }

  /** The first of the lines without a sheet that this one is among. */
  private firstOfRun(line: Element): Element {
    let first = line
    for (
      let before = line.previousElementSibling;
      before && !this.sheetOf.has(before);
      before = before.previousElementSibling
    ) {
      first = before
    }
    return first
  }

  /** Puts lines without a sheet on the one before them, or after them. */
  private placeFrom(first: Element | null): void {
    const run: Element[] = []
    let line = first
    for (; line && !this.sheetOf.has(line); line = line.nextElementSibling) run.push(line)
    const before = first?.previousElementSibling ?? null
    const sheet = this.at(before) ?? this.at(line) ?? this.insert(null)
    for (const each of run) this.put(each, sheet)
  }

  private at(line: Node | null): Sheet | undefined {
    return line ? this.sheetOf.get(line) : undefined
  }

  private put(line: Element, sheet: Sheet): void {
    sheet.lines.add(line)
    this.sheetOf.set(line, sheet)
    this.changed.add(sheet)
  }

  private insert(after: Sheet | null): Sheet {
    const sheet = new Sheet()
    if (after) after.slot.after(sheet.slot)
    else this.root.prepend(sheet.slot)
    return sheet
  }

  private draw(): void {
    for (const sheet of this.changed) this.takeOverList(sheet)
    const { changed } = this
    this.changed = new Set()
    for (const sheet of changed) this.cut(sheet)
    this.changed = new Set()
  }

  /** Lists are counted within one sheet: the next one's lines come here where a list goes on. */
  private takeOverList(sheet: Sheet): void {
    const last = sheet.inOrder().at(-1)
    const next = last?.nextElementSibling
    const following = this.at(next ?? null)
    if (!next || !following || following === sheet || !isList(last) || !isList(next)) return
    for (const line of following.inOrder()) this.put(line, sheet)
    following.lines.clear()
    this.changed.add(following)
  }

  private cut(sheet: Sheet): void {
    const [first = [], ...others] = cutLines(sheet.inOrder())
    if (first.length === 0) {
      sheet.slot.remove()
      return
    }
    sheet.lines = new Set(first)
    sheet.show(first)
    let last = sheet
    for (const lines of others) {
      last = this.insert(last)
      for (const line of lines) this.put(line, last)
      last.show(lines)
    }
  }
}

/** The lines of one sheet as those of several where they are too many. No list is cut. */
function cutLines(lines: readonly Element[]): Element[][] {
  if (lines.length <= MOST_LINES) return [[...lines]]
  const sheets: Element[][] = []
  let sheet: Element[] = []
  for (const line of lines) {
    if (sheet.length >= LINES && !(isList(line) && isList(sheet.at(-1)))) {
      sheets.push(sheet)
      sheet = []
    }
    sheet.push(line)
  }
  return [...sheets, sheet]
}

const isList = (line: Element | undefined) => line?.hasAttribute('data-list') ?? false

/** Only Chromium reads all of an editable text after each key, and the others know less of slots. */
const helps = () => navigator.userAgent.includes('Chrome/') && 'assign' in HTMLSlotElement.prototype

/** Kept apart from the plugin's view, which is made anew with each state. */
const laidOut = new WeakMap<HTMLElement, Sheets>()

function layOut(view: EditorView): void {
  // Not amid a word that is being composed: what begins here draws everything anew.
  const long = view.state.doc.childCount > MANY_LINES && !view.composing
  if (!laidOut.has(view.dom) && long && helps()) laidOut.set(view.dom, new Sheets(view.dom))
  const { $head } = view.state.selection
  laidOut.get(view.dom)?.settle($head.depth > 0 ? view.nodeDOM($head.before(1)) : null)
}

/** Lays out long documents in sheets. */
export const sheets = new Plugin({
  view: (view) => {
    layOut(view)
    return { update: layOut }
  },
})
