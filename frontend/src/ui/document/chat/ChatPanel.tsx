import { useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../../../i18n'
import type { Said } from '../../../sync/chat'
import { CloseIcon } from '../../icons'
import type { DocumentPage } from '../page'
import { Composer } from './Composer'
import type { Conversation } from './conversation'
import { Message, Waiting } from './Message'

/** The conversation beside the document; on a phone a sheet over its lower part. */
export function ChatPanel({ page, talk }: { page: DocumentPage; talk: Conversation }) {
  const close = () => {
    page.chatOpen.value = false
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.isComposing && !event.defaultPrevented) close()
  }
  return (
    <aside class="chat" aria-label={t('chat.title')} onKeyDown={keys}>
      <header>
        <h2>{t('chat.title')}</h2>
        <button type="button" class="plain" aria-label={t('chat.close')} onClick={close}>
          <CloseIcon />
        </button>
      </header>
      <Log talk={talk} />
      <Typists talk={talk} />
      <Composer talk={talk} />
    </aside>
  )
}

/** What scrolls must be reachable by keyboard. */
const REACHABLE = { tabIndex: 0 }

/** How near the end, in pixels, counts as being there. */
const NEAR = 40

function Log({ talk }: { talk: Conversation }) {
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const said = talk.said.value
  const unsaid = talk.unsaid.value
  const from = talk.newFrom
  useLayoutEffect(() => {
    const { current } = box
    if (current && atEnd.current) current.scrollTop = current.scrollHeight
  }, [said, unsaid])
  const scrolled = () => {
    const { current } = box
    if (current) {
      atEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < NEAR
    }
  }
  const isFirstNew = (message: Said, index: number) =>
    from >= 0 && message.n >= from && index > 0 && (said[index - 1] as Said).n < from
  return (
    <div
      class="log"
      role="log"
      aria-label={t('chat.log')}
      {...REACHABLE}
      ref={box}
      onScroll={scrolled}
    >
      {talk.hasOlder.value && (
        <button type="button" class="link" onClick={() => talk.older()}>
          {t('chat.older')}
        </button>
      )}
      {said.length + unsaid.length === 0 && <p class="hint">{t('chat.empty')}</p>}
      {said.map((message, index) => (
        <div key={message.n}>
          {isFirstNew(message, index) && <p class="news">{t('chat.new')}</p>}
          <Message talk={talk} message={message} before={said[index - 1]} />
        </div>
      ))}
      {unsaid.map((message) => (
        <Waiting key={message.id} talk={talk} message={message} />
      ))}
    </div>
  )
}

function Typists({ talk }: { talk: Conversation }) {
  const [first, second] = talk.typists.value
  const words = second ? t('chat.typingMany') : first ? t('chat.typing', { name: first.name }) : ''
  return <p class="typists">{words}</p>
}

/**
 * Puts the caret into the field when the panel opens. Where its code was long in coming, the user may have gone elsewhere
 * meanwhile, and stays there.
 */
export function useFocus<T extends HTMLElement>(talk: Conversation) {
  const field = useRef<T>(null)
  useLayoutEffect(() => {
    const { activeElement: at } = document
    const waiting = at === null || at === document.body || at.matches('.chat-button')
    if (!talk.late || waiting) field.current?.focus()
    talk.late = false
  }, [talk])
  return field
}
