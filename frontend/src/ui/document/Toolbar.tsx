import { useEffect, useRef, useState } from 'preact/hooks'
import type { Align, Block, Inline, RichEditor } from '../../editor/prosemirror'
import { t } from '../../i18n'
import {
  BoldIcon,
  BulletIcon,
  CheckListIcon,
  CodeBlockIcon,
  ImageIcon,
  InlineCodeIcon,
  ItalicIcon,
  LinkIcon,
  OrderedIcon,
  QuoteIcon,
  StrikeIcon,
  UnderlineIcon,
} from '../icons'
import { Colours } from './Colours'
import type { DocumentPage } from './page'
import { Button, CommonTools, Divider, type Drawing, keyNames, ToolbarRow } from './tools'

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
const isToolbarBlock = (block: Block | null): block is ToolbarBlock =>
  BLOCKS.some(([name]) => name === block)
const HEADINGS = ['header-1', 'header-2', 'header-3', 'header-4', 'header-5', 'header-6'] as const
const STYLES: readonly [Block, name: () => string][] = [
  ['paragraph', () => t('toolbar.body')],
  ...HEADINGS.map((block, n): [Block, () => string] => [
    block,
    () => t('toolbar.heading', { level: n + 1 }),
  ]),
]
const ALIGNMENTS = ['center', 'right', 'justify'] as const

/** Formatting for rich text. One stop for Tab; arrow keys move inside. */
export function Toolbar({ page, editor }: { page: DocumentPage; editor: RichEditor }) {
  const formats = editor.formats.value
  if (!page.mayEdit.value) {
    return (
      <ToolbarRow label={t('toolbar.label')}>
        <CommonTools editor={editor} canUndo={false} canRedo={false} />
      </ToolbarRow>
    )
  }
  return (
    <ToolbarRow label={t('toolbar.label')}>
      <CommonTools editor={editor} canUndo={formats.canUndo} canRedo={formats.canRedo} />
      <select
        aria-label={t('toolbar.style')}
        tabIndex={-1}
        value={formats.block ?? ''}
        onChange={(event) => editor.toggleBlock(event.currentTarget.value as Block)}
      >
        {!STYLES.some(([block]) => block === formats.block) && (
          <option value={formats.block ?? ''}>
            {isToolbarBlock(formats.block)
              ? t(`toolbar.${formats.block}`)
              : t('toolbar.otherStyle')}
          </option>
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
      <Button
        name={t('toolbar.image')}
        Icon={ImageIcon}
        disabled={!page.pictures.value}
        onPress={() => page.choosePictures()}
      />
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
      <Divider />
      <select
        aria-label={t('toolbar.align')}
        tabIndex={-1}
        value={formats.align ?? ''}
        onChange={(event) => editor.align((event.currentTarget.value || null) as Align | null)}
      >
        <option value="">{t('toolbar.align.start')}</option>
        {ALIGNMENTS.map((align) => (
          <option key={align} value={align}>
            {t(`toolbar.align.${align}`)}
          </option>
        ))}
      </select>
      <Colours editor={editor} />
    </ToolbarRow>
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
