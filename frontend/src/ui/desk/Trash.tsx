import { useEffect, useMemo, useState } from 'preact/hooks'
import { Dialog } from '../Dialog'
import {
  discardDocument,
  emptyTrash,
  listTrash,
  type Page,
  restoreDocument,
  type Trashed,
} from './api'
import { Paged } from './paged'
import { Row, titleOf } from './Row'
import { d } from './texts'

const DAY = 86_400_000

/** What the user has in the trash. */
export function Trash({ onRestored }: { onRestored: (one: Trashed) => void }) {
  const list = useMemo(() => new Paged<Trashed, Page<Trashed>>(listTrash), [])
  useEffect(() => void list.reload(), [list])
  /** What is to be removed for good, once the user has said so again. */
  const [asked, setAsked] = useState<Trashed | 'all' | null>(null)
  const documents = list.documents.value
  const restore = async (one: Trashed) => {
    if (await list.remove(one.id, restoreDocument(one.id))) onRestored(one)
  }
  const discard = async () => {
    setAsked(null)
    if (asked === 'all') {
      await emptyTrash().catch((error: Error) => {
        list.problem.value = error.message
      })
      await list.reload()
    } else if (asked) await list.remove(asked.id, discardDocument(asked.id))
  }
  return (
    <>
      {list.page.value && documents.length === 0 && <p class="empty">{d('trash.none')}</p>}
      {!list.page.value && !list.problem.value && <p aria-busy="true">{d('loading')}</p>}
      {documents.length > 0 && (
        <p class="desk-tools">
          <button type="button" class="button" onClick={() => setAsked('all')}>
            {d('trash.empty')}
          </button>
        </p>
      )}
      <ul class="recent trash">
        {documents.map((one) => (
          <Row key={one.id} document={one} about={stay(one)}>
            <span class="buttons">
              <button
                type="button"
                class="button"
                aria-label={d('trash.restoreThis', { title: titleOf(one) })}
                onClick={() => void restore(one)}
              >
                {d('trash.restore')}
              </button>
              <button
                type="button"
                class="button"
                aria-label={d('trash.discardThis', { title: titleOf(one) })}
                onClick={() => setAsked(one)}
              >
                {d('trash.discard')}
              </button>
            </span>
          </Row>
        ))}
      </ul>
      {list.page.value?.next && (
        <button type="button" class="button" onClick={() => void list.more()}>
          {d('more')}
        </button>
      )}
      <p class="problem" role="alert">
        {list.problem.value}
      </p>
      {asked && (
        <Dialog title={d('trash.discard')} onClose={() => setAsked(null)}>
          <p>{asked === 'all' ? d('trash.askAll') : d('trash.ask', { title: titleOf(asked) })}</p>
          <div class="buttons">
            <button type="button" class="button danger" onClick={() => void discard()}>
              {d('trash.discard')}
            </button>
            <button type="button" class="button" onClick={() => setAsked(null)}>
              {d('cancel')}
            </button>
          </div>
        </Dialog>
      )}
    </>
  )
}

/** How long something stays in the trash, in words. */
const stay = ({ until }: Trashed) =>
  until
    ? d('trash.until', { count: Math.max(0, Math.ceil((until - Date.now()) / DAY)) })
    : d('trash.stays')
