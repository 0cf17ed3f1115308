import { useEffect, useState } from 'preact/hooks'
import type { Editor, Heading } from '../../editor/editor'
import { locale, t } from '../../i18n'
import type { DocumentPage } from '../document/page'
import { CloseIcon } from '../icons'
import { countCharacters, countWords } from './count'

/** How long after a change the outline is made anew, in ms. */
const REST = 400

interface Shown {
  readonly headings: readonly Heading[]
  readonly words: number
  readonly characters: number
}

const read = (editor: Editor): Shown => {
  const text = editor.text()
  return {
    headings: editor.headings(),
    words: countWords(text, locale.value),
    characters: countCharacters(text),
  }
}

/** The headings, to jump to, and how long the text is. */
export function Outline({ page, editor }: { page: DocumentPage; editor: Editor }) {
  const [shown, setShown] = useState(() => read(editor))
  const changes = editor.changes.value
  useEffect(() => {
    const timer = setTimeout(() => setShown(read(editor)), REST)
    return () => clearTimeout(timer)
  }, [editor, changes])
  const top = Math.min(...shown.headings.map(({ level }) => level))
  return (
    <aside class="side outline" aria-label={t('outline.title')} data-region="outline">
      <header>
        <h2>{t('outline.title')}</h2>
        <button
          type="button"
          class="plain"
          aria-label={t('settings.close')}
          onClick={() => page.toggleOutline()}
        >
          <CloseIcon />
        </button>
      </header>
      {shown.headings.length === 0 && <p class="hint">{t('outline.none')}</p>}
      <ol>
        {shown.headings.map(({ level, text, index }) => (
          <li key={index} style={{ '--depth': level - top }}>
            <button type="button" dir="auto" onClick={() => editor.goTo(index)}>
              {text}
            </button>
          </li>
        ))}
      </ol>
      <p class="hint">
        {t('outline.words', { count: shown.words })}
        <br />
        {t('outline.characters', { count: shown.characters })}
      </p>
    </aside>
  )
}
