import { useState } from 'preact/hooks'
import { t } from '../../i18n'

/** Pages without TLS have no clipboard API; a selected field still copies. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = document.createElement('textarea')
    field.value = text
    // In a dialog nothing outside of it can be selected.
    const dialog = document.querySelector('dialog[open] .dialog-body')
    ;(dialog ?? document.body).append(field)
    field.select()
    const done = document.execCommand('copy')
    field.remove()
    return done
  }
}

/** A button that copies text and says so. */
export function CopyButton({ text, children }: { text: string; children: string }) {
  const [copied, setCopied] = useState('')
  const press = async () => setCopied((await copy(text)) ? text : '')
  return (
    <button type="button" class="button" onClick={press}>
      <span aria-live="polite">{copied === text ? t('copy.done') : children}</span>
    </button>
  )
}
