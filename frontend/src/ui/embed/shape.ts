import { effect } from '@preact/signals'
import type { DocumentPage } from '../document/page'
import { startAt } from '../history/start'
import type { Host } from './host'
import type { Parameters } from './parameters'

/** What was done already for a page, which its host may ask for again. */
const arranged = new WeakMap<DocumentPage, { jumped: string; fits: boolean }>()

const numbered = new WeakSet<DocumentPage>()

/** Does with an open document what its host wants: shows a place in it, puts the caret there, has the frame fit the text. */
export function arrange(page: DocumentPage, wanted: Parameters, host: Host | null): void {
  const before = arranged.get(page) ?? { jumped: '', fits: false }
  arranged.set(page, { jumped: wanted.jump, fits: before.fits || wanted.fits })
  if (wanted.fits && !before.fits && host) tellHeight(host, wanted)
  if (wanted.jump !== before.jumped) onceOpen(page, () => jump(page, wanted.jump))
  if (wanted.lines) numberLines(page, wanted)
  if (wanted.autofocus && !before.jumped) onceOpen(page, () => page.focus())
}

function onceOpen(page: DocumentPage, act: () => void): void {
  const stop = effect(() => {
    if (page.phase.value !== 'open' || page.saved.value.kind === 'loading') return
    queueMicrotask(() => {
      stop()
      act()
    })
  })
}

function jump(page: DocumentPage, to: string): void {
  const editor = page.rich.value ?? page.plain.value
  const line = Number(/^L(\d+)$/.exec(to)?.[1])
  if (editor && line > 0) editor.reveal(startOf(line, editor.text()))
  const revision = /^v:(\d+)$/.exec(to)?.[1]
  if (!revision) return
  startAt.value = Number(revision)
  page.dialog.value = 'history'
}

/** The numbers go when the text is loaded anew, and are shown again. */
function numberLines(page: DocumentPage, wanted: Parameters): void {
  if (numbered.has(page)) return
  numbered.add(page)
  effect(() => {
    const editor = page.plain.value
    if (!editor || editor.changes.value < 0 || !wanted.lines) return
    if (!editor.view.dom.querySelector('.cm-lineNumbers')) editor.showNumbers()
  })
}

/** Where a line begins, counted from 1; of one that there is not, the end. */
function startOf(line: number, text: string): number {
  let at = 0
  for (let before = 1; before < line; before++) {
    const end = text.indexOf('\n', at)
    if (end < 0) return text.length
    at = end + 1
  }
  return at
}

function tellHeight(host: Host, wanted: Parameters): void {
  const body = document.getElementById('app')
  if (!body) return
  new ResizeObserver(() => {
    if (wanted.fits) host.tell('resize', { height: Math.ceil(body.scrollHeight) })
  }).observe(body)
}
