import { effect } from '@preact/signals'
import { at } from '../../place'
import { authorized } from '../../sync/bearer'
import type { DocumentPage } from '../document/page'

/** What this browser remembers of its user's visits to a document. */
const key = (what: 'seen' | 'named', document: string) => `quire:${what}:${document}`

function recall(what: 'seen' | 'named', document: string): string | null {
  try {
    return localStorage.getItem(key(what, document))
  } catch {
    return null
  }
}

function keep(what: 'seen' | 'named', document: string, value: string): void {
  try {
    localStorage.setItem(key(what, document), value)
  } catch {
    // A browser that keeps nothing shows nothing as new.
  }
}

/** Remembers up to where the user has seen the document, and says what was new when they came. */
export function rememberVisit(page: DocumentPage): () => void {
  const before = recall('seen', page.id)
  const note = () => {
    const { revision } = page.session.document
    if (revision !== null) keep('seen', page.id, String(revision))
  }
  const noteIfVisible = () => document.visibilityState === 'visible' && note()
  // What came until then was seen.
  const noteIfHidden = () => document.visibilityState === 'hidden' && note()
  let asked = before === null
  const stop = effect(() => {
    // Who the user is has to be known first: their own changes are no news.
    if (page.saved.value.kind !== 'saved' || !page.personId.value) return
    if (!asked) void lookForNews(page, Number(before))
    asked = true
    noteIfVisible()
  })
  addEventListener('pagehide', noteIfVisible)
  document.addEventListener('visibilitychange', noteIfHidden)
  return () => {
    stop()
    removeEventListener('pagehide', noteIfVisible)
    document.removeEventListener('visibilitychange', noteIfHidden)
  }
}

/** Asks where the document is by now: what this device has of it may not be in step yet. */
async function lookForNews(page: DocumentPage, seen: number): Promise<void> {
  const id = encodeURIComponent(page.id)
  const address = at(`api/v1/documents/${id}/revisions?at=${Number.MAX_SAFE_INTEGER}`)
  const answer = await fetch(address, authorized({})).catch(() => null)
  if (!answer?.ok) return // there will be another visit
  const { revision } = (await answer.json()) as { revision: number }
  if (revision > seen) page.news.value = { seen, arrival: revision }
}

/**
 * Tells the server by which name and colour the user is shown in the document's history, once they write, and among those
 * who share it, once they were given another role.
 */
export function sayName(page: DocumentPage): () => void {
  let concerned = false
  let role: string | undefined
  const say = async () => {
    const said = JSON.stringify(page.me.peek())
    if (
      !concerned ||
      !page.mayEdit.peek() ||
      page.saved.peek().kind !== 'saved' ||
      recall('named', page.id) === said
    )
      return
    const address = at(`api/v1/documents/${encodeURIComponent(page.id)}/people/me`)
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(address, authorized({ method: 'PUT', headers, body: said })).catch(
      () => null,
    )
    if (answer?.ok) keep('named', page.id, said)
  }
  const unlisten = page.onTyped(() => {
    concerned = true
  })
  const stop = effect(() => {
    const given = page.standing.value?.role
    concerned ||= role !== undefined && given !== role
    role = given ?? role
    if (page.saved.value.kind === 'saved' && page.me.value) void say()
  })
  return () => {
    unlisten()
    stop()
  }
}
