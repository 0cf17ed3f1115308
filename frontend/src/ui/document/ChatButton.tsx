import { t } from '../../i18n'
import { ChatIcon } from '../icons'
import type { DocumentPage } from './page'

/** Opens and closes the conversation, and says how much of it is new. */
export function ChatButton({ page }: { page: DocumentPage }) {
  const unread = page.chat.value?.conversation.unread.value ?? 0
  const open = page.chatOpen.value
  const name = !open && unread > 0 ? t('chat.openUnread', { count: unread }) : t('chat.title')
  return (
    <button
      type="button"
      class="plain chat-button"
      aria-label={name}
      title={name}
      aria-expanded={open}
      onClick={() => {
        page.chatOpen.value = !open
      }}
    >
      <ChatIcon />
      {!open && unread > 0 && (
        <span class="badge" aria-hidden="true">
          {unread > 99 ? '99+' : unread}
        </span>
      )}
    </button>
  )
}
