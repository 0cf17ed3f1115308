import { useState } from 'preact/hooks'
import { CheckIcon, LinkIcon } from '../icons'
import { QrCode } from './QrCode'
import type { Sharing, Shown } from './sharing'
import { s } from './texts'

/** Copies the links that people mostly want, and shows the last one. */
export function CopyLinks({ sharing }: { sharing: Sharing }) {
  const [code, setCode] = useState(false)
  const shown = sharing.shown.value
  return (
    <section class="copy-links">
      <div class="buttons">
        {sharing.rolesToCopy.value.map((role, n) => (
          <button
            key={role}
            type="button"
            class={n === 0 && !sharing.made.value ? 'button primary' : 'button'}
            onClick={() => void sharing.copyLink(role)}
          >
            {sharing.copied.value === role ? <CheckIcon /> : <LinkIcon />}
            <span aria-live="polite">
              {sharing.copied.value === role ? s('copied') : s(`copy.${role}`)}
            </span>
          </button>
        ))}
        {shown && (
          <button type="button" class="button" aria-expanded={code} onClick={() => setCode(!code)}>
            {s('qr')}
          </button>
        )}
      </div>
      {sharing.made.value && <Made shown={sharing.made.value} sharing={sharing} />}
      {code && shown && <QrCode text={shown.address} name={s(`role.${shown.role}`)} />}
    </section>
  )
}

/** A link whose key the server does not keep. */
function Made({ shown, sharing }: { shown: Shown; sharing: Sharing }) {
  return (
    <div class="made">
      <label class="field">
        {s('link')}: {s(`role.${shown.role}`)}
        <input
          readOnly
          dir="ltr"
          value={shown.address}
          onFocus={(event) => event.currentTarget.select()}
        />
      </label>
      <button type="button" class="button primary" onClick={() => void sharing.copyShown(shown)}>
        {s('copy')}
      </button>
      <p class="hint">{s('made.hint')}</p>
    </div>
  )
}
