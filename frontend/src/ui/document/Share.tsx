import { useState } from 'preact/hooks'
import { t } from '../../i18n'
import { CheckIcon, LinkIcon } from '../icons'

/** How long "Link copied" stays, in ms. */
const TOLD = 2_500

/** Pages without TLS have no clipboard API; a selected field still copies. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = document.createElement('textarea')
    field.value = text
    document.body.append(field)
    field.select()
    const done = document.execCommand('copy')
    field.remove()
    return done
  }
}

export function Share() {
  const [told, setTold] = useState('')
  const share = async () => {
    const done = await copy(location.href)
    setTold(t(done ? 'share.copied' : 'share.byHand'))
    setTimeout(() => setTold(''), TOLD)
  }
  return (
    <button type="button" class="button primary share" title={t('share.hint')} onClick={share}>
      {told ? <CheckIcon /> : <LinkIcon />}
      <span class="share-text" aria-live="polite">
        {told || t('share.button')}
      </span>
    </button>
  )
}

/** A button that copies text and says so. */
export function CopyButton({ text, children }: { text: string; children: string }) {
  const [done, setDone] = useState(false)
  return (
    <button type="button" class="button" onClick={async () => setDone(await copy(text))}>
      <span aria-live="polite">{done ? t('copy.done') : children}</span>
    </button>
  )
}
