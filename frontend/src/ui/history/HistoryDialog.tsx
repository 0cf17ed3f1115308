import './history.css'
import { useSignal } from '@preact/signals'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import type { DocumentPage } from '../document/page'
import { CloseIcon } from '../icons'
import { Ask } from './Ask'
import { Controls } from './Controls'
import { EditList } from './EditList'
import { Past } from './past'
import { moment } from './people'
import { Player } from './player'
import { Stage } from './stage'
import { startAt } from './start'
import { Tools } from './Tools'
import { h } from './texts'
import { Versions } from './Versions'

/** The history of a document over its page. The page goes on underneath, with what others do. */
export function HistoryDialog({ page, onClose }: { page: DocumentPage; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const past = useMemo(() => new Past(page), [page])
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null
    dialog.current?.showModal()
    return () => {
      past.close()
      before?.focus()
    }
  }, [past])
  return (
    <dialog
      ref={dialog}
      class="history"
      aria-label={h('title')}
      onClose={onClose}
      onCancel={(event) => {
        // Escape first takes a question back.
        if (!past.asking.value) return
        event.preventDefault()
        past.asking.value = null
      }}
    >
      <header>
        <div>
          <h2>{h('of', { title: page.title.value || page.untitled.value })}</h2>
          <Where past={past} />
        </div>
        <button
          type="button"
          class="plain"
          aria-label={h('close')}
          title={h('close')}
          onClick={onClose}
        >
          <CloseIcon />
        </button>
      </header>
      <Shown past={past} />
    </dialog>
  )
}

/** Which moment is shown, in words. */
function Where({ past }: { past: Past }) {
  const edit = past.shown.value?.edit
  const place = h('place', { revision: past.wanted.value, count: past.head.value })
  const by = edit
    ? h('byAt', { person: past.cast.value.name(edit.person), time: moment(edit.ended) })
    : ''
  return (
    <p class="where">
      <span>{by}</span> <span class="faint">{place}</span>
    </p>
  )
}

function Shown({ past }: { past: Past }) {
  const later = useRef<HTMLDivElement>(null)
  const earlier = useRef<HTMLDivElement>(null)
  const player = useSignal<Player | null>(null)
  useEffect(() => {
    let stage: Stage | undefined
    let closed = false
    const open = async () => {
      if (!later.current || !earlier.current) return
      const opened = await Stage.open(past, later.current, earlier.current)
      if (closed) return opened.close()
      stage = opened
      player.value = new Player(past, stage)
      await past.open(startAt.value)
      startAt.value = undefined
    }
    open().catch((error: Error) => {
      past.problem.value = error.message
    })
    return () => {
      closed = true
      player.value?.stop()
      stage?.close()
    }
  }, [past, player])
  const beside = past.view.value === 'beside'
  return (
    <>
      <Told past={past} />
      <div class="history-body">
        <div class="stages" data-beside={beside ? '' : undefined}>
          <section class="stage" aria-label={h('before')} hidden={!beside}>
            <h3>{h('before')}</h3>
            <div class="surface" ref={earlier} />
          </section>
          <section class="stage" aria-label={h('after')} data-revision={past.shown.value?.revision}>
            {beside && <h3>{h('after')}</h3>}
            <div class="surface" ref={later} />
          </section>
        </div>
        <aside class="history-side" aria-label={h('edits')}>
          <Tools past={past} />
          <Versions past={past} />
          <EditList past={past} />
        </aside>
      </div>
      {player.value && <Controls past={past} player={player.value} />}
      <Ask past={past} />
    </>
  )
}

/** What was done, and what did not work. */
function Told({ past }: { past: Past }) {
  const done = past.done.value
  const problem = past.problem.value
  const before = done?.before
  return (
    <div class="notices" role="status">
      {problem && (
        <div class="notice">
          <p>{past.shown.value ? problem : h('failed', { reason: problem })}</p>
        </div>
      )}
      {done && (
        <div class="notice calm">
          <p>{done.sentence}</p>
          {before !== undefined && (
            <button type="button" class="button" onClick={() => past.takeBack(before)}>
              {h('undo')}
            </button>
          )}
        </div>
      )}
    </div>
  )
}
