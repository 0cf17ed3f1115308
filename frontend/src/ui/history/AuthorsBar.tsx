import './history.css'
import { useEffect, useState } from 'preact/hooks'
import type { Editor } from '../../editor/editor'
import type { DocumentPage } from '../document/page'
import { CloseIcon } from '../icons'
import { Authors } from './authors'
import { moment } from './people'
import { h } from './texts'

/** Shows who wrote what: everybody's colour, and who wrote what is at the caret. */
export function AuthorsBar({ page, editor }: { page: DocumentPage; editor: Editor }) {
  const [authors, setAuthors] = useState<Authors | null>(null)
  useEffect(() => {
    const made = new Authors(page, editor)
    setAuthors(made)
    return () => made.close()
  }, [page, editor])
  if (!authors) return null
  const cast = authors.cast.value
  const hide = () => {
    page.authors.value = false
  }
  return (
    <aside class="beneath" data-region="authors" aria-label={h('authors')}>
      <ul>
        {authors.legend.value.map((person) => (
          <li key={person} class="person" style={`--person:${cast.color(person)}`}>
            {cast.name(person)}
          </li>
        ))}
      </ul>
      <span data-here>{authors.problem.value || here(authors)}</span>
      <button type="button" class="plain" aria-label={h('authors.hide')} onClick={hide}>
        <CloseIcon />
      </button>
    </aside>
  )
}

function here({ here, cast }: Authors): string {
  const { person, time } = here.value ?? {}
  if (!person || !time) return h('authors.nobody')
  return h('authors.here', { person: cast.value.name(person), time: moment(time) })
}
