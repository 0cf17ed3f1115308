import { useRef, useState } from 'preact/hooks'
import { t } from '../../i18n'
import type { DocumentPage } from './page'

/** The title, edited in place. Enter or leaving the field stores it, Escape gives it up. */
export function Title({ page }: { page: DocumentPage }) {
  const [draft, setDraft] = useState<string | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const commit = () => {
    if (draft !== null) void page.rename(draft.trim())
    setDraft(null)
  }
  const keys = (event: KeyboardEvent) => {
    if (event.isComposing) return
    if (event.key === 'Enter') commit()
    if (event.key === 'Escape') setDraft(null)
    if (event.key === 'Enter' || event.key === 'Escape') {
      // Blur after the draft is settled, or leaving would store what Escape gave up.
      requestAnimationFrame(() => field.current?.blur())
    }
  }
  return (
    <span class="title">
      <span class="title-size" aria-hidden="true">
        {(draft ?? page.title.value) || page.untitled.value}
      </span>
      <input
        ref={field}
        aria-label={t('title.label')}
        dir="auto"
        maxLength={200}
        readOnly={!page.mayEdit.value}
        placeholder={page.untitled.value}
        value={draft ?? page.title.value}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={keys}
        onBlur={commit}
      />
    </span>
  )
}
