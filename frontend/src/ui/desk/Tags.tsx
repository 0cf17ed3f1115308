import { useState } from 'preact/hooks'
import { Dialog } from '../Dialog'
import { type Mine, tagDocument } from './api'
import { titleOf } from './Row'
import { d } from './texts'

const MOST = 10
const LONGEST = 40

interface TagsProps {
  document: Mine
  /** The tags that the user has given any document. */
  known: readonly string[]
  onClose: () => void
  onSaved: () => void
}

/** What is written in a field for tags. Languages have commas of their own. */
const tagsIn = (text: string): string[] =>
  text
    .split(/[,،、，]/)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')

/** Asks which tags a document is to have. */
export function TagsDialog({ document, known, onClose, onSaved }: TagsProps) {
  const [text, setText] = useState(document.tags.join(', '))
  const [problem, setProblem] = useState('')
  const tags = tagsIn(text)
  const others = known.filter((tag) => !tags.includes(tag))
  const save = async (event: SubmitEvent) => {
    event.preventDefault()
    if (tags.length > MOST || tags.some((tag) => [...tag].length > LONGEST)) {
      setProblem(d('tag.bad'))
      return
    }
    try {
      await tagDocument(document.id, tags)
      onSaved()
    } catch (error) {
      setProblem((error as Error).message)
    }
  }
  return (
    <Dialog title={d('tag.of', { title: titleOf(document) })} onClose={onClose}>
      <form class="desk-form" onSubmit={save}>
        <label class="field">
          {d('tag.label')}
          <input
            value={text}
            dir="auto"
            autocomplete="off"
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        {others.length > 0 && (
          <div class="tags">
            {others.map((tag) => (
              <button
                key={tag}
                type="button"
                class="tag"
                onClick={() => setText([...tags, tag].join(', '))}
              >
                + <bdi>{tag}</bdi>
              </button>
            ))}
          </div>
        )}
        <p class="hint">{d('tag.hint')}</p>
        <p class="problem" role="alert">
          {problem}
        </p>
        <div class="buttons">
          <button type="submit" class="button primary">
            {d('save')}
          </button>
          <button type="button" class="button" onClick={onClose}>
            {d('cancel')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
