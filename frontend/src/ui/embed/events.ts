import { effect } from '@preact/signals'
import { VERSION } from '../../embed/messages'
import type { DocumentPage, Phase } from '../document/page'
import type { Contents } from './contents'
import type { Host } from './host'
import { presenceOf } from './methods'
import type { Parameters } from './parameters'

/** The least time between two events of one kind that come while somebody types or moves, in ms. */
const REST = 250

/** What `status` calls the states that the page shows. */
const STATES = {
  loading: 'offline',
  connecting: 'offline',
  offline: 'offline',
  full: 'offline',
  saving: 'saving',
  saved: 'saved',
  readonly: 'readonly',
  denied: 'denied',
  error: 'gone',
} as const

const PROBLEMS: { readonly [P in Phase]?: readonly [code: string, message: string] } = {
  missing: ['not-found', 'There is no such document.'],
  deleted: ['not-found', 'The document was deleted.'],
  denied: ['denied', 'This user may not open the document.'],
  failed: ['server-busy', 'The document could not be opened.'],
}

/** Tells the host what happens in a document. */
export function tellOf(page: DocumentPage, contents: Contents, host: Host, wanted: Parameters) {
  tellReady(page, host)
  tellSaving(page, host)
  tellChanges(page, contents, host, wanted)
  tellPeople(page, host)
  effect(() => host.tell('title', { title: page.title.value }))
  effect(() => {
    const selection = page.selected.value
    if (wanted.observes('selection')) tellSelection(() => host.tell('selection', selection))
  })
  effect(() => {
    const problem = PROBLEMS[page.phase.value]
    if (problem) host.tell('error', { code: problem[0], message: problem[1] })
  })
  effect(() => {
    const refused = page.refusals.value.at(-1)
    if (refused) host.tell('error', { code: 'denied', message: refused.error.message })
  })
  tellLinks(host, wanted)
}

const tellSelection = spaced()

function tellReady(page: DocumentPage, host: Host): void {
  let told = false
  effect(() => {
    const role = page.standing.value?.role
    const open = page.phase.value === 'open' && page.saved.value.kind !== 'loading'
    if (told || !open || !role) return
    told = true
    const { revision: version } = page.session.document
    const [doc, title, kind] = [page.id, page.title.value, page.kind.value]
    host.tell('ready', { protocol: VERSION, doc, version, role, title, kind, features: [] })
  })
}

function tellSaving(page: DocumentPage, host: Host): void {
  let before = ''
  let unsaved = 0
  effect(() => {
    const { kind, edits } = page.saved.value
    const state = STATES[kind]
    const said = `${state} ${edits}`
    if (said !== before) host.tell('status', { state, unsaved: edits })
    before = said
    const version = page.session.document.revision
    if (unsaved > 0 && edits === 0) host.tell('saved', { version, at: Date.now() })
    unsaved = edits
  })
}

function tellChanges(page: DocumentPage, contents: Contents, host: Host, wanted: Parameters): void {
  const tell = spaced()
  const changed = (source: 'user' | 'remote' | 'api') =>
    tell(() => {
      const { text } = contents
      const version = page.session.document.revision
      const shown = wanted.observes('text') ? { text } : {}
      host.tell('change', { version, length: text.length, source, ...shown })
    })
  page.onTyped(() => changed('user'))
  page.onEdit(() => changed(contents.editing ? 'api' : 'remote'))
}

function tellPeople(page: DocumentPage, host: Host): void {
  const tell = spaced()
  let before = ''
  effect(() => {
    const here = presenceOf(page)
    const said = JSON.stringify(here)
    if (said !== before) tell(() => host.tell('presence', here))
    before = said
  })
}

/** A click on a link is the host's, if it asked for that. */
function tellLinks(host: Host, wanted: Parameters): void {
  const clicked = (event: MouseEvent) => {
    const link = (event.target as Element | null)?.closest?.<HTMLAnchorElement>('main a[href]')
    const opens = !link?.isContentEditable || event.ctrlKey || event.metaKey
    if (!link || !opens || !wanted.observes('navigate')) return
    event.preventDefault()
    event.stopPropagation()
    host.tell('navigate', { url: link.href })
  }
  addEventListener('click', clicked, { capture: true })
}

/** Calls the newest of what it is given: at once, or when the last call is a while ago. */
function spaced(): (call: () => void) => void {
  let next: (() => void) | null = null
  let resting = false
  const run = () => {
    resting = next !== null
    next?.()
    next = null
    if (resting) setTimeout(run, REST)
  }
  return (call) => {
    next = call
    if (!resting) run()
  }
}
