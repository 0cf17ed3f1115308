import { useEffect, useState } from 'preact/hooks'
import { t } from '../../i18n'
import type { Peer } from '../../sync/presence'
import { PeopleIcon } from '../icons'
import { COLORS, initials, rename } from '../person'
import { choose, settings } from '../settings/settings'
import type { DocumentPage } from './page'

/** Faces shown before the rest becomes a number. */
const SHOWN = 4

/** Somebody who did nothing for this long, in ms, is idle. */
const IDLE = 60_000
/** How often that is looked at, in ms. */
const LOOK = 10_000

/** The time, now and then. */
function useNow(): number {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), LOOK)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** Who else has the document open. A click goes to where they are, with Shift it goes along with them. */
export function People({ page }: { page: DocumentPage }) {
  const peers = page.peers.shown.value
  const now = useNow()
  return (
    <ul class="people" aria-label={t('people.here')}>
      {peers.slice(0, SHOWN).map((peer) => (
        <li key={peer.id}>
          <button
            type="button"
            class="avatar-button"
            aria-label={peer.name}
            title={t('people.jump', { name: peer.name })}
            aria-pressed={page.peers.following.value === peer.id}
            onClick={(event) =>
              event.shiftKey ? page.peers.follow(peer.id) : page.peers.jumpTo(peer.id)
            }
          >
            <Face peer={peer} now={now} />
          </button>
        </li>
      ))}
      {page.peers.all.value.length > 0 && (
        <li>
          <button
            type="button"
            class="avatar-button"
            aria-label={t('people.list')}
            title={t('people.list')}
            popovertarget="everybody"
          >
            <span class="avatar more">
              {peers.length > SHOWN ? `+${peers.length - SHOWN}` : <PeopleIcon />}
            </span>
          </button>
          <Everybody page={page} now={now} />
        </li>
      )}
      <li>
        <Me page={page} />
      </li>
    </ul>
  )
}

const Face = ({ peer, now }: { peer: Peer; now: number }) => (
  <span
    class="avatar"
    data-initials={initials(peer.name)}
    data-idle={now - peer.movedAt > IDLE ? '' : undefined}
    style={{ '--person': peer.color }}
  />
)

/** Everybody, with where they are and the ways to get there. */
function Everybody({ page, now }: { page: DocumentPage; now: number }) {
  const [open, setOpen] = useState(false)
  const { hideReaders } = settings.value
  return (
    <div
      id="everybody"
      class="card everybody"
      popover="auto"
      onToggle={(event) => setOpen(event.newState === 'open')}
    >
      <ul aria-label={t('people.list')}>
        {open &&
          page.peers.shown.value.map((peer) => (
            <li key={peer.id}>
              <Face peer={peer} now={now} />
              <span class="who">
                <strong dir="auto">{peer.name}</strong>
                <span class="hint">{about(page, peer, now)}</span>
              </span>
              <button type="button" class="button" onClick={() => page.peers.jumpTo(peer.id)}>
                {t('people.goTo')}
              </button>
              <button
                type="button"
                class="button"
                aria-pressed={page.peers.following.value === peer.id}
                onClick={() =>
                  page.peers.follow(page.peers.following.value === peer.id ? null : peer.id)
                }
              >
                {t('people.follow')}
              </button>
              {peer.person && page.chat.value && (
                <button
                  type="button"
                  class="button"
                  popovertarget="everybody"
                  popovertargetaction="hide"
                  onClick={() => page.writeTo(peer.person)}
                >
                  {t('people.write')}
                </button>
              )}
            </li>
          ))}
      </ul>
      <label class="tick">
        <input
          type="checkbox"
          checked={hideReaders}
          onChange={() => choose({ hideReaders: !hideReaders })}
        />
        {t('people.hideReaders')}
      </label>
    </div>
  )
}

function about(page: DocumentPage, peer: Peer, now: number): string {
  const state = peer.reads ? t('people.reading') : now - peer.movedAt > IDLE ? t('people.idle') : ''
  return [page.peers.placeOf(peer), state].filter(Boolean).join(' · ')
}

/** Says whom the view goes along with, and ends it. */
export function Following({ page }: { page: DocumentPage }) {
  const peer = page.peers.all.value.find(({ id }) => id === page.peers.following.value)
  if (!peer) return null
  return (
    <p class="following" style={{ '--person': peer.color }}>
      {t('people.following', { name: peer.name })}
      <button type="button" onClick={() => page.peers.follow(null)}>
        {t('people.stop')}
      </button>
    </p>
  )
}

/** The user's own name and colour, and the place to change them. */
function Me({ page }: { page: DocumentPage }) {
  const { name, color } = page.me.value
  return (
    <>
      <button
        type="button"
        class="avatar-button"
        aria-label={t('people.me', { name })}
        popovertarget="me"
        title={t('people.you', { name })}
      >
        <span class="avatar own" data-initials={initials(name)} style={{ '--person': color }} />
      </button>
      <div id="me" class="card" popover="auto">
        <Name name={name} />
        <Swatches page={page} color={color} />
        <p class="hint">{t('people.hint')}</p>
      </div>
    </>
  )
}

/** A field of its own, so that nothing that others do is drawn over what is being typed. */
const Name = ({ name }: { name: string }) => (
  <label class="field">
    {t('people.name')}
    <input
      value={name}
      maxLength={60}
      autocomplete="nickname"
      onChange={(event) => {
        const typed = event.currentTarget.value.trim()
        if (typed) rename({ name: typed })
        else event.currentTarget.value = name
      }}
    />
  </label>
)

/** Colours to choose from; what others wear is theirs while there are enough for all. */
function Swatches({ page, color }: { page: DocumentPage; color: string }) {
  const worn = new Set(page.peers.strangers(page.personId.value).map((peer) => peer.color))
  const isTaken = (choice: string) => worn.has(choice) && worn.size < COLORS.length
  return (
    <fieldset class="swatches">
      <legend>{t('people.colour')}</legend>
      {COLORS.map((choice, index) => (
        <label key={choice} style={{ '--person': choice }}>
          <input
            type="radio"
            name="color"
            aria-label={t('people.colourNumber', { number: index + 1 })}
            checked={choice === color}
            disabled={choice !== color && isTaken(choice)}
            onChange={() => {
              rename({ color: choice })
              page.color.value = choice
            }}
          />
        </label>
      ))}
    </fieldset>
  )
}
