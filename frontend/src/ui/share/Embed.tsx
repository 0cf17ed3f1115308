import { INTEGRITY, NAME } from 'virtual:host-script'
import { at } from '../../place'
import { CopyButton } from '../document/copy'
import type { Sharing } from './sharing'
import { s } from './texts'

/** What a page of another site has to contain to show the document, with what the link shown gives. */
export function Embed({ sharing, title }: { sharing: Sharing; title: string }) {
  const shown = sharing.shown.value
  if (!shown) return null
  const page = location.origin + at('')
  const address = shown.address.replace(`${page}d/`, `${page}embed/`)
  return (
    <details>
      <summary>{s('embed')}</summary>
      <p class="hint">{s('embed.hint')}</p>
      <Code label={s('embed.script')} code={elementOf(page + NAME, address, title)} />
      <Code label={s('embed.frame')} code={frameOf(address, title)} />
    </details>
  )
}

const Code = ({ label, code }: { label: string; code: string }) => (
  <>
    <label class="field">
      {label}
      <textarea readOnly rows={5} dir="ltr" value={code} />
    </label>
    <CopyButton text={code}>{s('embed.copy')}</CopyButton>
  </>
)

// The browser writes the markup, so that no title can break it. A script it would not let the page make.

/** The script, with the hash of what it is, and its element. */
function elementOf(source: string, address: string, title: string): string {
  const script = `<script type="module" src="${source}" integrity="${INTEGRITY}" crossorigin></script>`
  const editor = document.createElement('quire-editor')
  editor.setAttribute('src', address)
  editor.title = title
  editor.style.height = '500px'
  return `${script}\n${editor.outerHTML}`
}

/** A frame that shows the document, and nothing more. */
function frameOf(address: string, title: string): string {
  const frame = document.createElement('iframe')
  frame.src = address
  frame.title = title
  frame.width = '100%'
  frame.height = '500'
  frame.allow = 'clipboard-read; clipboard-write; fullscreen'
  return frame.outerHTML
}
