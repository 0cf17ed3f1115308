import './extras.css'
import { useEffect, useState } from 'preact/hooks'
import type { DocumentPage } from '../document/page'
import { SettingsDialog } from '../settings/SettingsDialog'
import { announce } from './announce'
import { History } from './History'
import { listenForKeys } from './keyboard'
import { Outline } from './Outline'
import { Palette } from './Palette'
import { preparePrinting } from './printing'
import { Sharing } from './Sharing'
import { Shortcuts } from './Shortcuts'
import { rememberVisit, sayName } from './visit'

/** What a document's page can do beside writing. Loaded once the text can be written in. */
export function Extras({ page }: { page: DocumentPage }) {
  const [said, setSaid] = useState('')
  useEffect(() => {
    const announcer = announce(page, setSaid)
    const stops = [
      announcer.stop,
      listenForKeys(page, announcer.repeat),
      preparePrinting(page),
      rememberVisit(page),
      sayName(page),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [page])
  const editor = page.rich.value ?? page.plain.value
  const dialog = page.dialog.value
  const close = () => {
    page.dialog.value = null
  }
  return (
    <>
      <p class="unseen" aria-live="polite" aria-atomic="true" data-said>
        {said}
      </p>
      {page.outline.value && editor && <Outline page={page} editor={editor} />}
      {dialog === 'commands' && <Palette page={page} />}
      {dialog === 'shortcuts' && <Shortcuts page={page} />}
      <History page={page} />
      <Sharing page={page} />
      {dialog === 'settings' && <SettingsDialog onClose={close} />}
    </>
  )
}
