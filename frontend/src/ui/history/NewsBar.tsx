import './history.css'
import { effect } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Editor, Note } from '../../editor/editor'
import type { DocumentPage } from '../document/page'
import { HistoryApi, type Run } from './api'
import { h } from './texts'

interface Props {
  page: DocumentPage
  editor: Editor
  news: { readonly seen: number; readonly arrival: number }
}

/** What others did since the last visit, marked beside the text. */
export function NewsBar({ page, editor, news }: Props) {
  const [places, setPlaces] = useState<readonly Note[]>([])
  const next = useRef(0)
  useEffect(() => {
    const stop = markWhenInStep(page, editor, news, setPlaces)
    return () => {
      stop()
      void editor.annotate('news', [])
    }
  }, [page, editor, news])
  // Whoever was told already what happened while they were away need not be told twice.
  if (places.length === 0 || page.away.value) return null
  return (
    <div class="beneath" data-region="news" role="status">
      <span>{h('news', { count: places.length })}</span>
      <button
        type="button"
        class="link"
        onClick={() => {
          const place = places[next.current++ % places.length]
          if (place) editor.goTo(place.index)
        }}
      >
        {h('news.next')}
      </button>
      <button
        type="button"
        class="link"
        onClick={() => {
          page.news.value = null
        }}
      >
        {h('news.dismiss')}
      </button>
    </div>
  )
}

/** Marks the news as soon as the text is one that the server can speak of. */
function markWhenInStep(
  page: DocumentPage,
  editor: Editor,
  { seen, arrival }: Props['news'],
  marked: (places: readonly Note[]) => void,
): () => void {
  const api = new HistoryApi(page.id)
  let stopped = false
  let busy = false
  const look = async () => {
    const revision = page.revisionShown
    if (stopped || busy || revision === null || revision < arrival) return
    busy = true
    const found = await api.difference(seen, revision).catch(() => null)
    busy = false
    // The text went on meanwhile: its next change tries again.
    if (!found || page.revisionShown !== revision) return
    stop()
    const places = placesOf(found.runs, page.personId.peek())
    await editor.annotate('news', places)
    marked(places)
  }
  const unlisten = effect(() => {
    if (editor.changes.value >= 0 && page.saved.value) void look()
  })
  const stop = () => {
    stopped = true
    unlisten()
  }
  return stop
}

/** Places with fewer units between them are one. */
const NEAR = 40

/** Where something is new by others. */
function placesOf(runs: readonly Run[], me: string): Note[] {
  const places: Note[] = []
  let index = 0
  for (const { length, change, person } of runs) {
    const units = change === 'removed' ? 0 : length
    const last = places.at(-1)
    if (change && person !== me) {
      if (last && index - last.index - last.length < NEAR) {
        places[places.length - 1] = { ...last, length: index + units - last.index }
      } else places.push({ index, length: units, class: 'news-line', lines: true })
    }
    index += units
  }
  return places
}
