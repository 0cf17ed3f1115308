import { useState } from 'preact/hooks'
import type { Kind } from '../../sync/wire'
import { documentFromInput, pageOf } from '../address'
import { createDocument } from '../api'
import { CloseIcon, CodeIcon, Mark, MarkdownIcon, RichIcon, TextIcon } from '../icons'
import { KINDS, textFor } from '../kinds'
import { forget, type Recent, recentDocuments } from '../recent'
import { inWords } from '../when'

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
        <p class="purpose">Write together, on a server of your own.</p>
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
      <h2 id="new-heading">New document</h2>
      <ul class="kinds">
        {KINDS.map(({ kind, name, purpose }) => {
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
                {name}
              </button>
              <p id={`about-${kind}`}>{busy === kind ? 'Creating…' : purpose}</p>
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
    const id = documentFromInput(String(form.get('document')))
    if (id) location.assign(pageOf(id))
    else
      setProblem('That is not a link to a document. Paste the whole link, or only its last part.')
  }
  return (
    <section aria-labelledby="open-heading">
      <h2 id="open-heading">Open a shared document</h2>
      <form class="open" onSubmit={open}>
        <input
          name="document"
          aria-label="Link or document ID"
          aria-describedby="open-problem"
          placeholder="Paste a link"
          autocomplete="off"
          spellcheck={false}
          required
        />
        <button type="submit" class="button">
          Open
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
      <h2 id="recent-heading">Recent on this device</h2>
      {documents.length === 0 ? (
        <p class="empty">
          Documents you open appear here. The list stays in this browser; nobody else sees it.
        </p>
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
  const { name, untitled } = textFor(document.kind)
  const KindIcon = ICONS[document.kind] ?? TextIcon
  const title = document.title || untitled
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
          {name} · {inWords(document.opened, Date.now())}
        </span>
      </a>
      <button
        type="button"
        class="plain"
        aria-label={`Remove ${title} from this list`}
        onClick={onForget}
      >
        <CloseIcon />
      </button>
    </li>
  )
}
