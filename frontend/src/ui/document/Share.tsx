import { useState } from 'preact/hooks'
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
    setTold(done ? 'Link copied' : 'Copy the address of this page')
    setTimeout(() => setTold(''), TOLD)
  }
  return (
    <button
      type="button"
      class="button primary share"
      title="People with the link can edit"
      onClick={share}
    >
      {told ? <CheckIcon /> : <LinkIcon />}
      <span class="share-text" aria-live="polite">
        {told || 'Share'}
      </span>
    </button>
  )
}

/** A button that copies text and says so. */
export function CopyButton({ text, children }: { text: string; children: string }) {
  const [done, setDone] = useState(false)
  return (
    <button type="button" class="button" onClick={async () => setDone(await copy(text))}>
      <span aria-live="polite">{done ? 'Copied' : children}</span>
    </button>
  )
}
