import type { ComponentChildren, JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { t } from '../../i18n'
import { FindIcon, RedoIcon, UndoIcon } from '../icons'

export type Drawing = () => JSX.Element

const apple = /Mac|iPhone|iPad/.test(navigator.platform)

/** A combination of keys as the user's keyboard names them. */
export const keyNames = (combination: string) =>
  combination
    .replace('Ctrl', apple ? '⌘' : t('key.ctrl'))
    .replace('Alt', apple ? '⌥' : 'Alt')
    .replace('Shift', t('key.shift'))

/** A row of tools. One stop for Tab; arrow keys move inside. */
export function ToolbarRow({ label, children }: { label: string; children: ComponentChildren }) {
  const bar = useRef<HTMLDivElement>(null)
  return (
    <div
      class="toolbar"
      role="toolbar"
      aria-label={label}
      aria-orientation="horizontal"
      ref={bar}
      onKeyDown={(event) => bar.current && moveFocus(bar.current, event)}
    >
      {children}
    </div>
  )
}

export const Divider = () => <span class="divider" aria-hidden="true" />

interface ButtonProps {
  name: string
  /** How it is done without the button. */
  hint?: string
  Icon: Drawing
  pressed?: boolean
  disabled?: boolean
  /** The one that Tab reaches. */
  first?: boolean
  onPress: () => void
}

export function Button({ name, hint, Icon, pressed, disabled, first, onPress }: ButtonProps) {
  return (
    <button
      type="button"
      class="tool"
      tabIndex={first ? 0 : -1}
      aria-label={name}
      title={hint ? `${name} (${hint})` : name}
      aria-pressed={pressed}
      aria-disabled={disabled}
      // The text keeps its selection: on a phone the keyboard would close otherwise.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => !disabled && onPress()}
    >
      <Icon />
    </button>
  )
}

/** What can be undone, redone and searched. */
interface Undoable {
  undo(): void
  redo(): void
  find(): void
}

/** The tools that every kind of document has. Undoing is always offered where the editor does not say whether it can. */
export function CommonTools({
  editor,
  canUndo = true,
  canRedo = true,
}: {
  editor: Undoable
  canUndo?: boolean
  canRedo?: boolean
}) {
  return (
    <>
      <Button
        name={t('toolbar.undo')}
        hint={keyNames('Ctrl+Z')}
        Icon={UndoIcon}
        disabled={!canUndo}
        first
        onPress={() => editor.undo()}
      />
      <Button
        name={t('toolbar.redo')}
        hint={keyNames('Ctrl+Y')}
        Icon={RedoIcon}
        disabled={!canRedo}
        onPress={() => editor.redo()}
      />
      <Button
        name={t('plain.find')}
        hint={keyNames('Ctrl+F')}
        Icon={FindIcon}
        onPress={() => editor.find()}
      />
      <Divider />
    </>
  )
}

function moveFocus(bar: HTMLElement, event: KeyboardEvent): void {
  const stops = [...bar.querySelectorAll<HTMLElement>(':scope > button, :scope > select')]
  const at = stops.indexOf(document.activeElement as HTMLElement)
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: stops.length - 1 }[event.key]
  if (at < 0 || to === undefined) return
  event.preventDefault()
  const next = stops[(to + stops.length) % stops.length]
  for (const stop of stops) stop.tabIndex = stop === next ? 0 : -1
  next?.focus()
}
