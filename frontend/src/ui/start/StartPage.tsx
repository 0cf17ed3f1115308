import { useEffect, useState } from 'preact/hooks'
import { t } from '../../i18n'
import type { Kind } from '../../sync/wire'
import { whoAmI } from '../account'
import { pageFromInput, pageOf } from '../address'
import { createDocument } from '../api'
import { KIND_ICONS, Row, titleOf } from '../desk/Row'
import { CloseIcon, drawn, Mark, SettingsIcon } from '../icons'
import { forget, type Recent, recentDocuments } from '../recent'
import { SignInLink } from '../SignInLink'
import { SettingsDialog } from '../settings/SettingsDialog'
import { inWords } from '../when'

/** In the order in which they are offered. */
const KINDS: readonly Kind[] = ['rich', 'markdown', 'text', 'code']

export function StartPage() {
  return (
    <main class="start">
      <header class="start-head">
        <Mark />
        <h1>Quire</h1>
        <span class="start-tools">
          <SignInLink />
          <AdminButton />
          <SettingsButton />
        </span>
        <p class="purpose">{t('start.purpose')}</p>
      </header>
      <NewDocument />
      <OpenDocument />
      <Documents />
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
          const KindIcon = KIND_ICONS[kind]
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

type Loaded = typeof import('../desk/Desk')

/** What was opened on this device and, once that is loaded, what is kept on the server. */
function Documents() {
  const [loaded, setLoaded] = useState<Loaded | null>(null)
  // Offline what this device knows is all that there is.
  useEffect(() => void import('../desk/Desk').then(setLoaded, () => {}), [])
  if (loaded)
    return <loaded.Desk recent={<RecentDocuments />} empty={recentDocuments().length === 0} />
  return (
    <section aria-labelledby="recent-heading">
      <h2 id="recent-heading">{t('start.recent')}</h2>
      <RecentDocuments />
    </section>
  )
}

function RecentDocuments() {
  const [documents, setDocuments] = useState(recentDocuments)
  if (documents.length === 0) return <p class="empty">{t('start.noRecent')}</p>
  return (
    <ul class="recent">
      {documents.map((document) => (
        <RecentRow
          key={document.id}
          document={document}
          onForget={() => setDocuments(forget(document.id))}
        />
      ))}
    </ul>
  )
}

function RecentRow({ document, onForget }: { document: Recent; onForget: () => void }) {
  const about = `${t(`kind.${document.kind}`)} · ${inWords(document.opened, Date.now())}`
  return (
    <Row document={document} href={pageOf(document.id)} about={about}>
      <button
        type="button"
        class="plain"
        aria-label={t('start.forget', { title: titleOf(document) })}
        onClick={onForget}
      >
        <CloseIcon />
      </button>
    </Row>
  )
}

type LoadedAdmin = typeof import('../admin/AdminDialog')

/** What is for those who look after the server; others do not see it. */
function AdminButton() {
  const [isAdmin, setIsAdmin] = useState(false)
  const [loaded, setLoaded] = useState<LoadedAdmin | null>(null)
  const [open, setOpen] = useState(false)
  useEffect(() => void whoAmI().then((me) => setIsAdmin(me?.admin ?? false)), [])
  if (!isAdmin) return null
  const show = () => {
    setOpen(true)
    import('../admin/AdminDialog').then(setLoaded, () => setOpen(false))
  }
  return (
    <>
      <button
        type="button"
        class="plain"
        aria-label={t('start.admin')}
        title={t('start.admin')}
        aria-haspopup="dialog"
        onClick={show}
      >
        <KeyIcon />
      </button>
      {open && loaded && <loaded.AdminDialog onClose={() => setOpen(false)} />}
    </>
  )
}

const KeyIcon = drawn(
  'M8 9.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9zM11.300 10.800 19 3.500M15.500 7l3 3',
)

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
