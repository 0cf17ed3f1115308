import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { pageOf } from '../address'
import { inWords } from '../when'
import { listMine, type Mine, type MinePage, moveToTrash, type Query, type Sorting } from './api'
import { TagIcon, TrashIcon } from './icons'
import { Paged } from './paged'
import { Row, titleOf } from './Row'
import { TagsDialog } from './Tags'
import { d } from './texts'

const SORTINGS: readonly Sorting[] = ['modified', 'title', 'created']

/** How long somebody who types what they search for is waited for, in ms. */
const PAUSE = 200

/** The documents in which the user has a role of their own. */
export function MyDocuments({ guest, onTrash }: { guest: boolean; onTrash: (one: Mine) => void }) {
  const [query, setQuery] = useState<Query>({ search: '', sort: 'modified', tag: '' })
  const wanted = useRef(query)
  wanted.current = query
  const list = useMemo(
    () => new Paged<Mine, MinePage>((after) => listMine(wanted.current, after)),
    [],
  )
  useEffect(() => {
    const wait = setTimeout(() => void list.reload(), query.search ? PAUSE : 0)
    return () => clearTimeout(wait)
  }, [list, query])
  const [tagged, setTagged] = useState<Mine | null>(null)
  const page = list.page.value
  const tags = page?.tags ?? []
  const filtered = query.search !== '' || query.tag !== ''
  const trash = async (one: Mine) => {
    if (await list.remove(one.id, moveToTrash(one.id))) onTrash(one)
  }
  return (
    <>
      <Tools query={query} tags={tags.map(({ tag }) => tag)} onChange={setQuery} />
      {page && list.documents.value.length === 0 && (
        <p class="empty">{d(filtered ? 'noneFound' : guest ? 'noneGuest' : 'none')}</p>
      )}
      {!page && !list.problem.value && <p aria-busy="true">{d('loading')}</p>}
      <ul class="recent">
        {list.documents.value.map((one) => (
          <Row
            key={one.id}
            document={one}
            href={pageOf(one.id)}
            about={about(one, query.sort)}
            tags={one.tags}
          >
            <button
              type="button"
              class="plain"
              aria-label={d('tag.of', { title: titleOf(one) })}
              title={d('tag.title')}
              onClick={() => setTagged(one)}
            >
              <TagIcon />
            </button>
            {one.role === 'owner' && (
              <button
                type="button"
                class="plain"
                aria-label={d('trashIt', { title: titleOf(one) })}
                title={d('trashIt', { title: titleOf(one) })}
                onClick={() => void trash(one)}
              >
                <TrashIcon />
              </button>
            )}
          </Row>
        ))}
      </ul>
      {page?.next && (
        <button type="button" class="button" onClick={() => void list.more()}>
          {d('more')}
        </button>
      )}
      <p class="problem" role="alert">
        {list.problem.value}
      </p>
      {tagged && (
        <TagsDialog
          document={tagged}
          known={tags.map(({ tag }) => tag)}
          onClose={() => setTagged(null)}
          onSaved={() => {
            setTagged(null)
            void list.reload()
          }}
        />
      )}
    </>
  )
}

function about(one: Mine, sort: Sorting): string {
  return sort === 'created'
    ? d('created', { when: inWords(one.created, Date.now()) })
    : d('edited', { when: inWords(one.modified, Date.now()) })
}

interface ToolsProps {
  query: Query
  tags: readonly string[]
  onChange: (query: Query) => void
}

/** Searching, sorting, and choosing a tag. */
function Tools({ query, tags, onChange }: ToolsProps) {
  const chosen = [...tags, ...(query.tag && !tags.includes(query.tag) ? [query.tag] : [])]
  return (
    <div class="desk-tools">
      <input
        type="search"
        aria-label={d('search')}
        placeholder={d('search')}
        maxLength={60}
        value={query.search}
        onInput={(event) => onChange({ ...query, search: event.currentTarget.value })}
      />
      <label class="sorting">
        <span class="unseen">{d('sort')}</span>
        <select
          value={query.sort}
          onChange={(event) => onChange({ ...query, sort: event.currentTarget.value as Sorting })}
        >
          {SORTINGS.map((sorting) => (
            <option key={sorting} value={sorting}>
              {d(`sort.${sorting}`)}
            </option>
          ))}
        </select>
      </label>
      {chosen.length > 0 && (
        <fieldset class="tags">
          <legend class="unseen">{d('tag.title')}</legend>
          {['', ...chosen].map((tag) => (
            <button
              key={tag}
              type="button"
              class="tag"
              aria-pressed={tag === query.tag}
              onClick={() => onChange({ ...query, tag })}
            >
              <bdi>{tag || d('tag.all')}</bdi>
            </button>
          ))}
        </fieldset>
      )}
    </div>
  )
}
