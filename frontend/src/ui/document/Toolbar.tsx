import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Block, Inline, RichEditor } from '../../editor/prosemirror'
import { t } from '../../i18n'
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

/** A combination of keys as the user's keyboard names them. */
const keyNames = (combination: string) =>
  combination.replace('Ctrl', apple ? '⌘' : t('key.ctrl')).replace('Shift', t('key.shift'))

const INLINE: readonly [Inline, Drawing, string][] = [
  ['bold', BoldIcon, 'Ctrl+B'],
  ['italic', ItalicIcon, 'Ctrl+I'],
  ['underline', UnderlineIcon, 'Ctrl+U'],
  ['strike', StrikeIcon, 'Ctrl+Shift+X'],
  ['code', InlineCodeIcon, 'Ctrl+E'],
]

type ToolbarBlock = 'bullet' | 'ordered' | 'check' | 'blockquote' | 'code-block'
const BLOCKS: readonly [ToolbarBlock, Drawing, hint: () => string][] = [
  ['bullet', BulletIcon, () => keyNames('Ctrl+Shift+8')],
  ['ordered', OrderedIcon, () => keyNames('Ctrl+Shift+7')],
  ['check', CheckListIcon, () => keyNames('Ctrl+Shift+9')],
  ['blockquote', QuoteIcon, () => t('toolbar.typeWithSpace', { characters: '>' })],
  ['code-block', CodeBlockIcon, () => t('toolbar.typeThis', { characters: '```' })],
]
const STYLES: readonly [Block, name: () => string][] = [
  ['paragraph', () => t('toolbar.body')],
  ['header-1', () => t('toolbar.heading', { level: 1 })],
  ['header-2', () => t('toolbar.heading', { level: 2 })],
  ['header-3', () => t('toolbar.heading', { level: 3 })],
]

/** Formatting for rich text. One stop for Tab; arrow keys move inside. */
export function Toolbar({ editor }: { editor: RichEditor }) {
  const formats = editor.formats.value
  const bar = useRef<HTMLDivElement>(null)
  return (
    <div
      class="toolbar"
      role="toolbar"
      aria-label={t('toolbar.label')}
      aria-orientation="horizontal"
      ref={bar}
      onKeyDown={(event) => bar.current && moveFocus(bar.current, event)}
    >
      <Button
        name={t('toolbar.undo')}
        hint={keyNames('Ctrl+Z')}
        Icon={UndoIcon}
        disabled={!formats.canUndo}
        first
        onPress={() => editor.undo()}
      />
      <Button
        name={t('toolbar.redo')}
        hint={keyNames('Ctrl+Y')}
        Icon={RedoIcon}
        disabled={!formats.canRedo}
        onPress={() => editor.redo()}
      />
      <Divider />
      <select
        aria-label={t('toolbar.style')}
        tabIndex={-1}
        value={formats.block ?? ''}
        onChange={(event) => editor.toggleBlock(event.currentTarget.value as Block)}
      >
        {!STYLES.some(([block]) => block === formats.block) && (
          <option value={formats.block ?? ''}>{t('toolbar.otherStyle')}</option>
        )}
        {STYLES.map(([block, name]) => (
          <option key={block} value={block}>
            {name()}
          </option>
        ))}
      </select>
      <Divider />
      {INLINE.map(([inline, Icon, keys]) => (
        <Button
          key={inline}
          name={t(`toolbar.${inline}`)}
          hint={keyNames(keys)}
          Icon={Icon}
          pressed={formats.inline.has(inline)}
          onPress={() => editor.toggleInline(inline)}
        />
      ))}
      <LinkButton editor={editor} />
      <Divider />
      {BLOCKS.map(([block, Icon, hint]) => (
        <Button
          key={block}
          name={t(`toolbar.${block}`)}
          hint={hint()}
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
      title={`${name} (${hint})`}
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
      <Button
        name={t('toolbar.link')}
        hint={keyNames('Ctrl+K')}
        Icon={LinkIcon}
        pressed={link !== null}
        onPress={open}
      />
      <div class="card link-card" popover="auto" ref={card}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            apply(address)
          }}
        >
          <label class="field">
            {t('link.address')}
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
              {t(link === null ? 'link.add' : 'link.change')}
            </button>
            {link !== null && (
              <button type="button" class="button" onClick={() => apply('')}>
                {t('link.remove')}
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
