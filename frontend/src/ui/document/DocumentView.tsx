import { useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../../i18n'
import { root } from '../../place'
import { CommandsIcon, HistoryIcon, Mark } from '../icons'
import { ChatButton } from './ChatButton'
import { Notices } from './Notices'
import { Following, People } from './People'
import { PlainBar } from './PlainBar'
import { PreviewPane } from './PreviewPane'
import type { DocumentPage } from './page'
import { Share } from './Share'
import { StateChip } from './StateChip'
import { Title } from './Title'
import { keyNames } from './tools'
import { markdownView } from './view'

export function DocumentView({ page }: { page: DocumentPage }) {
  const phase = page.phase.value
  const MoreThanText = page.extras.value
  const rich = page.rich.value
  const tools = page.richTools.value
  const lost = page.refusals.value.length > 0
  const Instead = page.instead.value
  const gone = phase === 'missing' || ((phase === 'deleted' || phase === 'denied') && !lost)
  if (Instead && gone) return <Instead page={page} />
  return (
    <div class="document" data-kind={page.kind.value}>
      <header data-region="header">
        <h1 class="unseen">{page.title.value || page.untitled.value}</h1>
        <div class="bar">
          <a href={root} class="home" aria-label={t('app.home')}>
            <Mark />
          </a>
          <div class="name">
            <Title page={page} />
            <StateChip page={page} />
          </div>
          <People page={page} />
          <button
            type="button"
            class="plain history-button"
            aria-label={t('history.title')}
            aria-haspopup="dialog"
            title={`${t('history.title')} (${keyNames('Ctrl+Shift+H')})`}
            onClick={() => {
              page.dialog.value = 'history'
            }}
          >
            <HistoryIcon />
          </button>
          <ChatButton page={page} />
          <button
            type="button"
            class="plain"
            aria-label={t('commands.open')}
            aria-haspopup="dialog"
            title={`${t('commands.open')} (${keyNames('Ctrl+Shift+P')})`}
            onClick={() => {
              page.dialog.value = 'commands'
            }}
          >
            <CommandsIcon />
          </button>
          <Share page={page} />
        </div>
      </header>
      <div class="tools" data-region="tools">
        {tools && rich && <tools.Toolbar page={page} editor={rich} />}
        {page.plain.value && <PlainBar page={page} editor={page.plain.value} />}
        <PictureTools page={page} />
      </div>
      <Notices page={page} />
      <main
        class="page"
        data-view={page.kind.value === 'markdown' ? markdownView.value : undefined}
      >
        <Surface page={page} />
        <Following page={page} />
        {tools && rich && <tools.SlashList editor={rich} />}
        {page.plain.value && page.kind.value === 'markdown' && (
          <PreviewPane page={page} editor={page.plain.value} />
        )}
      </main>
      <Chat page={page} />
      {MoreThanText && <MoreThanText page={page} />}
    </div>
  )
}

/** Pictures on their way, and what can be done with the one that is selected. Their code is loaded after the editor's. */
function PictureTools({ page }: { page: DocumentPage }) {
  const loaded = page.pictures.value
  const editor = page.rich.value
  const shown = editor?.picture.value
  if (!loaded) return null
  return (
    <>
      <loaded.Uploads pictures={loaded.pictures} />
      {editor && shown && <loaded.PictureBar editor={editor} shown={shown} />}
    </>
  )
}

/** The conversation beside the text. Its code is loaded after the editor's. */
function Chat({ page }: { page: DocumentPage }) {
  const loaded = page.chat.value
  if (!loaded || !page.chatOpen.value) return null
  return <loaded.Panel page={page} talk={loaded.conversation} />
}

/** The editor's own element; Preact leaves what is inside alone. */
function Surface({ page }: { page: DocumentPage }) {
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => place.current?.replaceChildren(page.surface), [page])
  const opening = page.phase.value === 'opening'
  return (
    <div
      class="place"
      data-region="text"
      ref={place}
      aria-busy={opening}
      data-opening={opening ? '' : undefined}
    />
  )
}
