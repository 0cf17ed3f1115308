import { locale, t } from '../../../i18n'
import type { Said, Unsaid } from '../../../sync/chat'
import { initials, me } from '../../person'
import type { Conversation } from './conversation'
import { type Piece, piecesOf } from './light'

/** Messages of one person within this time, in ms, stand under one name. */
const TOGETHER = 5 * 60_000

interface Props {
  talk: Conversation
  message: Said
  before: Said | undefined
}

export function Message({ talk, message, before }: Props) {
  const { person, name, color, to, at, text } = message
  const mine = person === talk.person.value
  const goesOn =
    before?.person === person && before.to === to && Math.abs(at - before.at) < TOGETHER
  const named = message.mentions.includes(talk.person.value)
  return (
    <article class="said" data-mine={mine ? '' : undefined} data-named={named ? '' : undefined}>
      {!goesOn && (
        <p class="who">
          <span
            class="avatar"
            aria-hidden="true"
            data-initials={initials(name)}
            style={{ '--person': color }}
          />
          <b dir="auto">{mine ? t('chat.you') : name}</b> <When at={at} />
          {to !== '' && <span class="direct">{direction(talk, message)}</span>}
        </p>
      )}
      <Text
        text={text}
        names={[me.value.name, name, ...talk.people.value.map((other) => other.name)]}
      />
    </article>
  )
}

function direction(talk: Conversation, { to }: Said): string {
  if (to === talk.person.value) return t('chat.onlyYou')
  return t('chat.onlyTo', { name: talk.nameOf(to) || t('people.someone') })
}

function When({ at }: { at: number }) {
  const moment = new Date(at)
  const today = moment.toDateString() === new Date().toDateString()
  const words = moment.toLocaleString(locale.value, {
    ...(today ? {} : { day: 'numeric', month: 'short' }),
    hour: 'numeric',
    minute: '2-digit',
  })
  return <time dateTime={moment.toISOString()}>{words}</time>
}

/** A message that the server does not have yet. */
export function Waiting({ talk, message }: { talk: Conversation; message: Unsaid }) {
  return (
    <article class="said" data-mine="" data-waiting="">
      <Text text={message.text} names={[]} />
      <p class="hint">
        {t(message.refused ? 'chat.refused' : 'chat.waiting')}{' '}
        {message.refused && (
          <button type="button" class="link" onClick={() => talk.forget(message.id)}>
            {t('refused.dismiss')}
          </button>
        )}
      </p>
    </article>
  )
}

function Text({ text, names }: { text: string; names: readonly string[] }) {
  return (
    <p class="text" dir="auto">
      {piecesOf(text, names).map((piece, index) => (
        <Marked key={`${index} ${piece.text}`} piece={piece} />
      ))}
    </p>
  )
}

function Marked({ piece: { kind, text } }: { piece: Piece }) {
  switch (kind) {
    case 'bold':
      return <strong>{text}</strong>
    case 'italic':
      return <em>{text}</em>
    case 'code':
      return <code>{text}</code>
    case 'mention':
      return <b class="mention">{text}</b>
    case 'link':
      return (
        <a href={text} target="_blank" rel="noopener noreferrer nofollow">
          {text}
        </a>
      )
    case 'text':
      return <>{text}</>
  }
}
