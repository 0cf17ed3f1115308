import { effect } from '@preact/signals'
import { type Delta, isDelete, isInsert, lengthOfOp } from '../../delta'
import type { Editor } from '../../editor/editor'
import { browserSchedule } from '../../sync/schedule'
import type { DocumentPage } from '../document/page'
import { placeOf } from '../document/place'
import { settings } from '../settings/settings'
import { Announcer } from './announcer'

/** An edit within this many characters of the caret is near it. */
const NEAR = 500

/** Where a change begins and ends. */
function extentOf(change: Delta): { from: number; to: number } {
  let at = 0
  let from = -1
  let to = 0
  for (const op of change) {
    const touches = isInsert(op) || isDelete(op) || op.attributes !== undefined
    if (touches && from < 0) from = at
    if (!isInsert(op)) at += lengthOfOp(op)
    if (touches) to = at
  }
  return { from: Math.max(0, from), to }
}

/** Tells screen readers what happens in a document, as far as the user wants to know. */
export function announce(page: DocumentPage, say: (text: string) => void) {
  const announcer = new Announcer(say, browserSchedule)
  const wanted = () => settings.value.announcements !== 'off'
  let first = true
  let online: boolean | null = null
  const stops = [
    effect(() => {
      const names = page.peers.all.value.map(({ name }) => name)
      if (!wanted()) return
      announcer.people(names, first && names.length === 0)
      first = false
    }),
    effect(() => {
      const { kind } = page.saved.value
      const now = kind === 'offline' ? false : kind === 'saved' || kind === 'saving' ? true : online
      if (wanted() && online !== null && now !== null && now !== online) announcer.connection(now)
      online = now
    }),
    page.onEdit((change) => {
      const editor: Editor | null = page.rich.value ?? page.plain.value
      if (!editor || !wanted()) return
      const { from, to } = extentOf(change)
      const caret = editor.caret()
      const near = caret >= from - NEAR && caret <= to + NEAR
      const author = page.peers.nearest(from)
      if (author && (near || settings.value.announcements === 'all')) {
        announcer.edited(author.name, () => placeOf(editor, from))
      }
    }),
    page.onTyped(() => announcer.typed()),
  ]
  return {
    repeat: () => announcer.repeat(),
    stop: () => {
      for (const stop of stops) stop()
    },
  }
}
