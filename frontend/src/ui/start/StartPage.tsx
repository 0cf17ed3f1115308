import { useState } from 'preact/hooks'
import { t } from '../../i18n'
import type { Kind } from '../../sync/wire'
import { pageFromInput, pageOf } from '../address'
import { createDocument } from '../api'
import { CloseIcon, CodeIcon, Mark, MarkdownIcon, RichIcon, SettingsIcon, TextIcon } from '../icons'
import { forget, type Recent, recentDocuments } from '../recent'
import { SignInLink } from '../SignInLink'
import { SettingsDialog } from '../settings/SettingsDialog'
import { inWords } from '../when'

/** In the order in which they are offered. */
const KINDS: readonly Kind[] = ['rich', 'markdown', 'text', 'code']

const ICONS: Record<Kind, () => preact.JSX.Element> = {
  rich: RichIcon,
  markdown: MarkdownIcon,
  text: TextIcon,
  code: CodeIcon,
}

export function StartPage() {
  return (
    <main class="start">
      <header class="start-head">
        <Mark />
        <h1>Quire</h1>
        <span class="start-tools">
          <SignInLink />
          <SettingsButton />
        </span>
        <p class="purpose">{t('start.purpose')}</p>
      </header>
      <NewDocument />
      <OpenDocument />
      <RecentDocuments />
    </main>
  )
}

function NewDocument() {
  const [busy, setBusy] = useState<Kind | null>(null)
  const [problem, setProblem] = useState('')
  const create = async (kind: Kind) => {
    setBusy(kind)
    setProblem('')
    try {
      const { id } = await createDocument(kind)
      location.assign(pageOf(id))
    } catch (error) {
      setProblem((error as Error).message)
      setBusy(null)
    }
  }
  return (
    <section aria-labelledby="new-heading">
      <h2 id="new-heading">{t('start.new')}</h2>
      <ul class="kinds">
        {KINDS.map((kind) => {
          const KindIcon = ICONS[kind]
          return (
            <li key={kind} class="kind">
              <KindIcon />
              <button
                type="button"
                aria-describedby={`about-${kind}`}
                disabled={busy !== null}
                onClick={() => create(kind)}
              >
                {t(`kind.${kind}`)}
              </button>
              <p id={`about-${kind}`}>
                {busy === kind ? t('start.creating') : t(`kind.${kind}.purpose`)}
              </p>
            </li>
          )
        })}
      </ul>
      <p class="problem" role="alert">
        {problem}
      </p>
    </section>
  )
}

function OpenDocument() {
  const [problem, setProblem] = useState('')
  const open = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const page = pageFromInput(String(form.get('document')))
    if (page) location.assign(page)
    else setProblem(t('start.notALink'))
  }
  return (
    <section aria-labelledby="open-heading">
      <h2 id="open-heading">{t('start.open')}</h2>
      <form class="open" onSubmit={open}>
        <input
          name="document"
          aria-label={t('start.link')}
          aria-describedby="open-problem"
          placeholder={t('start.paste')}
          autocomplete="off"
          spellcheck={false}
          required
        />
        <button type="submit" class="button">
          {t('start.go')}
        </button>
      </form>
      <p class="problem" id="open-problem" role="alert">
        {problem}
      </p>
    </section>
  )
}

function RecentDocuments() {
  const [documents, setDocuments] = useState(recentDocuments)
  return (
    <section aria-labelledby="recent-heading">
      <h2 id="recent-heading">{t('start.recent')}</h2>
      {documents.length === 0 ? (
        <p class="empty">{t('start.noRecent')}</p>
      ) : (
        <ul class="recent">
          {documents.map((document) => (
            <RecentRow
              key={document.id}
              document={document}
              onForget={() => setDocuments(forget(document.id))}
            />
          ))}
        </ul>
      )}
    </section>
  )
}

function RecentRow({ document, onForget }: { document: Recent; onForget: () => void }) {
  const KindIcon = ICONS[document.kind] ?? TextIcon
  const title = document.title || t(`kind.${document.kind}.untitled`)
  return (
    <li>
      <a href={pageOf(document.id)}>
        <span class={`badge ${document.kind}`}>
          <KindIcon />
        </span>
        <span class="recent-title" dir="auto">
          {title}
        </span>
        <span class="recent-about">
          {t(`kind.${document.kind}`)} · {inWords(document.opened, Date.now())}
        </span>
      </a>
      <button
        type="button"
        class="plain"
        aria-label={t('start.forget', { title })}
        onClick={onForget}
      >
        <CloseIcon />
      </button>
    </li>
  )
}

function SettingsButton() {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        class="plain"
        aria-label={t('settings.title')}
        title={t('settings.title')}
        onClick={() => setOpen(true)}
      >
        <SettingsIcon />
      </button>
      {open && <SettingsDialog onClose={() => setOpen(false)} />}
    </>
  )
}
