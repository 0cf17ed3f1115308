import { at } from '../../place'
import { CopyButton } from '../document/copy'
import type { Sharing } from './sharing'
import { s } from './texts'

/** What a page of another site has to contain to show the document, with what the link shown gives. */
export function Embed({ sharing, title }: { sharing: Sharing; title: string }) {
  const shown = sharing.shown.value
  if (!shown) return null
  const code = frameOf(shown.address, title)
  return (
    <details>
      <summary>{s('embed')}</summary>
      <p class="hint">{s('embed.hint')}</p>
      <textarea readOnly rows={4} dir="ltr" aria-label={s('embed.code')} value={code} />
      <CopyButton text={code}>{s('embed.copy')}</CopyButton>
    </details>
  )
}

/** A frame that shows a link's document. The browser writes the markup, so that no title can break it. */
function frameOf(link: string, title: string): string {
  const frame = document.createElement('iframe')
  const page = location.origin + at('')
  frame.src = link.replace(`${page}d/`, `${page}embed/`)
  frame.title = title
  frame.width = '100%'
  frame.height = '500'
  frame.allow = 'clipboard-read; clipboard-write; fullscreen'
  return frame.outerHTML
}
