import { useState } from 'preact/hooks'
import { t } from '../../../i18n'
import { useFocus } from './ChatPanel'
import type { Conversation, Correspondent } from './conversation'

/** The longest text that the server takes, in UTF-16 units: some scripts need three bytes for each. */
const LONGEST = 2_600

/** Where a message is written: to everybody or to one person. "@" offers names. */
export function Composer({ talk }: { talk: Conversation }) {
  const [text, setText] = useState('')
  const [choice, setChoice] = useState(0)
  const field = useFocus<HTMLTextAreaElement>(talk)
  const to = talk.to.value
  const label = to
    ? t('chat.writeTo', { name: talk.nameOf(to) || t('people.someone') })
    : t('chat.write')
  const offered = offeredNames(text, talk.people.value)
  const chosen = offered[Math.min(choice, offered.length - 1)]

  const send = () => {
    const message = text.trim()
    if (message === '') return
    talk.say(message)
    setText('')
  }
  const complete = ({ name }: Correspondent) => {
    setText(text.replace(WORD, () => `@${name} `))
    setChoice(0)
    field.current?.focus()
  }
  const keys = (event: KeyboardEvent) => {
    if (event.isComposing) return
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: offered.length - 1 }
    const step = steps[event.key]
    if (chosen && step !== undefined) setChoice((choice + step) % offered.length)
    else if (chosen && (event.key === 'Enter' || event.key === 'Tab')) complete(chosen)
    else if (event.key === 'Enter' && !event.shiftKey) send()
    else return
    event.preventDefault()
  }
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      {talk.people.value.length > 0 && (
        <div class="to">
          <span aria-hidden="true">{t('chat.to')}</span>
          <select
            aria-label={t('chat.to')}
            value={to}
            onChange={(event) => {
              talk.to.value = event.currentTarget.value
            }}
          >
            <option value="">{t('chat.everybody')}</option>
            {talk.people.value.map(({ person, name }) => (
              <option key={person} value={person}>
                {name || t('people.someone')}
              </option>
            ))}
          </select>
        </div>
      )}
      {chosen && (
        <ul class="offered" aria-label={t('chat.mention')}>
          {offered.map((other) => (
            <li key={other.person}>
              <button
                type="button"
                data-chosen={other === chosen ? '' : undefined}
                onClick={() => complete(other)}
              >
                @{other.name}
              </button>
            </li>
          ))}
        </ul>
      )}
      <textarea
        ref={field}
        aria-label={label}
        placeholder={label}
        rows={2}
        maxLength={LONGEST}
        dir="auto"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setChoice(0)
          talk.writing()
        }}
        onKeyDown={keys}
      />
      <button type="submit" class="button primary" disabled={text.trim() === ''}>
        {t('chat.send')}
      </button>
    </form>
  )
}

/** A name being written at the end of the text. */
const WORD = /@([^@\n]{0,30})$/
const MOST_OFFERED = 5

function offeredNames(text: string, people: readonly Correspondent[]): Correspondent[] {
  const written = WORD.exec(text)?.[1]?.toLowerCase()
  if (written === undefined) return []
  const fits = ({ name }: Correspondent) => name !== '' && name.toLowerCase().startsWith(written)
  return people.filter(fits).slice(0, MOST_OFFERED)
}
