import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../i18n'
import { CloseIcon } from './icons'

interface DialogProps {
  title: string
  class?: string
  onClose: () => void
  children: ComponentChildren
}

/** A dialog, open for as long as it is rendered. Escape, its button and a click beside it close it. */
export function Dialog({ title, class: extra, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const told = useRef(onClose)
  told.current = onClose
  // Before anything else is typed: what follows the key that opened it is meant for the dialog.
  useLayoutEffect(() => {
    const { current } = dialog
    if (!current) return
    const close = () => told.current()
    current.addEventListener('close', close)
    current.showModal()
    current.querySelector<HTMLElement>('input, select')?.focus()
    return () => {
      current.removeEventListener('close', close)
      current.close() // gives the focus back, which one that is only taken away keeps
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it, as the browser has it
    <dialog
      ref={dialog}
      class={`dialog ${extra ?? ''}`}
      aria-label={title}
      onClick={(event) => {
        if (event.target === dialog.current) onClose()
      }}
    >
      <div class="dialog-body">
        <header>
          <h2>{title}</h2>
          <button type="button" class="plain" aria-label={t('settings.close')} onClick={onClose}>
            <CloseIcon />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  )
}
