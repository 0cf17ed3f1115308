import { effect } from '@preact/signals'
import { DeltaBuilder, lengthOf } from '../../delta'
import { isFields } from '../../embed/messages'
import type { DocumentPage } from '../document/page'
import { bad, type Contents, deltaFrom } from './contents'
import { type Methods, Refusal } from './host'
import { markdownOf } from './to-markdown'

/** Somebody who did nothing for this long, in ms, is idle. */
const IDLE = 60_000

/** What a host can have a document do, once it is open. */
export function methodsOf(page: DocumentPage, contents: Contents): Methods {
  const version = () => page.session.document.revision ?? 0
  const edited = async (done: Promise<void>) => {
    await done
    return version()
  }
  const selection = () => page.selected.value ?? { index: page.caret(), length: 0 }
  const markdown = () => (page.kind.value === 'rich' ? markdownOf(contents.value) : contents.text)
  const put = (text: string, index: number, length: number) =>
    contents.edit(() => new DeltaBuilder().retain(index).insert(text).delete(length).build())
  return {
    getText: () => contents.text,
    getContents: () => contents.value,
    getMarkdown: markdown,
    setText: (text) => edited(contents.setText(textIn(text))),
    setContents: (delta) => edited(contents.setContents(deltaFrom(delta))),
    insert: (said) => {
      const { text, at } = isFields(said) ? said : { text: said, at: undefined }
      return edited(put(linesIn(text), at === undefined ? selection().index : placeIn(at), 0))
    },
    applyDelta: (delta) => edited(contents.edit(() => deltaFrom(delta))),
    replaceSelection: async (text) => {
      const { index, length } = selection()
      await put(linesIn(text), index, length)
      select(page, index + linesIn(text).length, 0, contents)
      return version()
    },
    getSelection: () => page.selected.value,
    setSelection: (said) => {
      if (!isFields(said)) throw bad('A selection is an index and a length.')
      select(page, placeIn(said.index), placeIn(said.length ?? 0), contents)
    },
    scrollTo: (said) => {
      const { index } = isFields(said) ? said : { index: said }
      ;(page.rich.value ?? page.plain.value)?.reveal(within(contents, placeIn(index)))
    },
    focus: () => page.focus(),
    blur: () => (document.activeElement as HTMLElement | null)?.blur(),
    save: () => saved(page),
    getPresence: () => presenceOf(page),
    getVersion: version,
    download: (format) => download(page, format, contents, markdown),
    print: () => {
      setTimeout(() => print())
    },
  }
}

function textIn(said: unknown): string {
  if (typeof said !== 'string') throw bad('A text is expected.')
  return said
}

const linesIn = (said: unknown) => textIn(said).replace(/\r\n?/g, '\n')

function placeIn(said: unknown): number {
  if (!Number.isSafeInteger(said) || (said as number) < 0) throw bad('A place is expected.')
  return said as number
}

const within = (contents: Contents, index: number) => Math.min(index, lengthOf(contents.value))

function select(page: DocumentPage, index: number, length: number, contents: Contents): void {
  const from = within(contents, index)
  const to = within(contents, index + length)
  page.rich.value?.select(from, to - from)
  page.plain.value?.view.dispatch({
    selection: { anchor: from, head: to },
    scrollIntoView: true,
  })
}

/** Settled once everything typed until then is on the server's disk. */
function saved(page: DocumentPage): Promise<{ version: number }> {
  return new Promise((resolve, reject) => {
    const stop = effect(() => {
      const { kind, edits } = page.saved.value
      const version = page.session.document.revision ?? 0
      if (kind === 'denied' || kind === 'error') {
        reject(new Refusal('denied', 'This document cannot be saved any more.'))
      } else if (edits === 0 && (kind === 'saved' || kind === 'readonly')) resolve({ version })
      else return
      queueMicrotask(() => stop())
    })
  })
}

/** Who else is here, as the host may show them. */
export const presenceOf = (page: DocumentPage) => ({
  people: page.peers.all.value.map(({ id, person, name, color, reads, movedAt }) => ({
    id: person ?? id,
    name,
    color,
    reads,
    idle: performance.now() - movedAt > IDLE,
  })),
})

const TYPES = { text: 'text/plain', markdown: 'text/markdown', delta: 'application/json' }
const ENDINGS = { text: 'txt', markdown: 'md', delta: 'json' }

/** Has the browser keep the document as a file. */
function download(page: DocumentPage, said: unknown, contents: Contents, markdown: () => string) {
  const format = said ?? 'text'
  if (format !== 'text' && format !== 'markdown' && format !== 'delta') {
    throw bad('A document can be downloaded as text, markdown or delta.')
  }
  const written = {
    text: () => contents.text,
    markdown,
    delta: () => JSON.stringify({ ops: contents.value }),
  }[format]()
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([written], { type: TYPES[format] }))
  link.download = `${page.title.value || page.untitled.value}.${ENDINGS[format]}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), IDLE)
}
