import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Block, Inline, RichEditor } from '../../editor/prosemirror'
import {
  BoldIcon,
  BulletIcon,
  CheckListIcon,
  CodeBlockIcon,
  InlineCodeIcon,
  ItalicIcon,
  LinkIcon,
  OrderedIcon,
  QuoteIcon,
  RedoIcon,
  StrikeIcon,
  UnderlineIcon,
  UndoIcon,
} from '../icons'

type Drawing = () => JSX.Element

const apple = /Mac|iPhone|iPad/.test(navigator.platform)
const key = (combination: string) => (apple ? combination.replace('Ctrl', '⌘') : combination)

const INLINE: readonly [Inline, string, Drawing, string][] = [
  ['bold', 'Bold', BoldIcon, 'Ctrl+B'],
  ['italic', 'Italic', ItalicIcon, 'Ctrl+I'],
  ['underline', 'Underline', UnderlineIcon, 'Ctrl+U'],
  ['strike', 'Strikethrough', StrikeIcon, 'Ctrl+Shift+X'],
  ['code', 'Code', InlineCodeIcon, 'Ctrl+E'],
]
const BLOCKS: readonly [Block, string, Drawing, string][] = [
  ['bullet', 'Bullet list', BulletIcon, 'Ctrl+Shift+8'],
  ['ordered', 'Numbered list', OrderedIcon, 'Ctrl+Shift+7'],
  ['check', 'Check list', CheckListIcon, 'Ctrl+Shift+9'],
  ['blockquote', 'Quote', QuoteIcon, 'type > and a space'],
  ['code-block', 'Code block', CodeBlockIcon, 'type ```'],
]
const STYLES: readonly [Block, string][] = [
  ['paragraph', 'Body'],
  ['header-1', 'Heading 1'],
  ['header-2', 'Heading 2'],
  ['header-3', 'Heading 3'],
]

/** Formatting for rich text. One stop for Tab; arrow keys move inside. */
export function Toolbar({ editor }: { editor: RichEditor }) {
  const formats = editor.formats.value
  const bar = useRef<HTMLDivElement>(null)
  return (
    <div
      class="toolbar"
      role="toolbar"
      aria-label="Formatting"
      aria-orientation="horizontal"
      ref={bar}
      onKeyDown={(event) => bar.current && moveFocus(bar.current, event)}
    >
      <Button
        name="Undo"
        hint="Ctrl+Z"
        Icon={UndoIcon}
        disabled={!formats.canUndo}
        first
        onPress={() => editor.undo()}
      />
      <Button
        name="Redo"
        hint="Ctrl+Y"
        Icon={RedoIcon}
        disabled={!formats.canRedo}
        onPress={() => editor.redo()}
      />
      <Divider />
      <select
        aria-label="Text style"
        tabIndex={-1}
        value={formats.block ?? ''}
        onChange={(event) => editor.toggleBlock(event.currentTarget.value as Block)}
      >
        {!STYLES.some(([block]) => block === formats.block) && (
          <option value={formats.block ?? ''}>Other</option>
        )}
        {STYLES.map(([block, name]) => (
          <option key={block} value={block}>
            {name}
          </option>
        ))}
      </select>
      <Divider />
      {INLINE.map(([inline, name, Icon, hint]) => (
        <Button
          key={inline}
          name={name}
          hint={hint}
          Icon={Icon}
          pressed={formats.inline.has(inline)}
          onPress={() => editor.toggleInline(inline)}
        />
      ))}
      <LinkButton editor={editor} />
      <Divider />
      {BLOCKS.map(([block, name, Icon, hint]) => (
        <Button
          key={block}
          name={name}
          hint={hint}
          Icon={Icon}
          pressed={formats.block === block}
          onPress={() => editor.toggleBlock(block)}
        />
      ))}
    </div>
  )
}

const Divider = () => <span class="divider" aria-hidden="true" />

interface ButtonProps {
  name: string
  hint: string
  Icon: Drawing
  pressed?: boolean
  disabled?: boolean
  /** The one that Tab reaches. */
  first?: boolean
  onPress: () => void
}

function Button({ name, hint, Icon, pressed, disabled, first, onPress }: ButtonProps) {
  return (
    <button
      type="button"
      class="tool"
      tabIndex={first ? 0 : -1}
      aria-label={name}
      title={`${name} (${key(hint)})`}
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

function LinkButton({ editor }: { editor: RichEditor }) {
  const { link } = editor.formats.value
  const wanted = editor.linkWanted.value
  const card = useRef<HTMLDivElement>(null)
  const [address, setAddress] = useState('')
  const open = () => {
    setAddress(editor.formats.value.link ?? '')
    card.current?.showPopover()
    card.current?.querySelector('input')?.select()
  }
  useEffect(() => {
    if (wanted > 0) open()
  }, [wanted])
  const apply = (value: string) => {
    card.current?.hidePopover()
    editor.link(completed(value))
  }
  return (
    <>
      <Button name="Link" hint="Ctrl+K" Icon={LinkIcon} pressed={link !== null} onPress={open} />
      <div class="card link-card" popover="auto" ref={card}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            apply(address)
          }}
        >
          <label class="field">
            Link address
            <input
              value={address}
              inputMode="url"
              placeholder="https://"
              autocomplete="off"
              onInput={(event) => setAddress(event.currentTarget.value)}
            />
          </label>
          <p class="actions">
            <button type="submit" class="button primary">
              {link === null ? 'Add link' : 'Change link'}
            </button>
            {link !== null && (
              <button type="button" class="button" onClick={() => apply('')}>
                Remove link
              </button>
            )}
          </p>
        </form>
      </div>
    </>
  )
}

/** "example.org" means a web page. */
function completed(address: string): string {
  const text = address.trim()
  if (!text || /^(https?:|mailto:|tel:|\/|#)/i.test(text)) return text
  return /^[^\s@]+@[^\s@]+$/.test(text) ? `mailto:${text}` : `https://${text}`
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
