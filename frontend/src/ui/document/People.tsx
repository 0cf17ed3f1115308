import { t } from '../../i18n'
import { COLORS, initials, me, rename } from '../person'
import type { DocumentPage } from './page'

/** Faces shown before the rest becomes a number. */
const SHOWN = 4

/** Who else has the document open. */
export function People({ page }: { page: DocumentPage }) {
  const peers = page.peers.value
  const more = peers.length - SHOWN
  return (
    <ul class="people" aria-label={t('people.here')}>
      {peers.slice(0, SHOWN).map(({ id, name, color }) => (
        <li key={id}>
          <span
            class="avatar"
            role="img"
            aria-label={name}
            title={name}
            data-initials={initials(name)}
            style={{ '--person': color }}
          />
        </li>
      ))}
      {more > 0 && (
        <li>
          <span
            class="avatar more"
            title={peers
              .slice(SHOWN)
              .map((peer) => peer.name)
              .join(', ')}
          >
            +{more}
          </span>
        </li>
      )}
      <li>
        <Me />
      </li>
    </ul>
  )
}

/** The user's own name and colour, and the place to change them. */
function Me() {
  const { name, color } = me.value
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
        <fieldset class="swatches">
          <legend>{t('people.colour')}</legend>
          {COLORS.map((choice, index) => (
            <label key={choice} style={{ '--person': choice }}>
              <input
                type="radio"
                name="color"
                aria-label={t('people.colourNumber', { number: index + 1 })}
                checked={choice === color}
                onChange={() => rename({ color: choice })}
              />
            </label>
          ))}
        </fieldset>
        <p class="hint">{t('people.hint')}</p>
      </div>
    </>
  )
}
