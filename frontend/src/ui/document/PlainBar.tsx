import { useEffect, useState } from 'preact/hooks'
import type { MarkdownFormat, PlainEditor, PlainKind } from '../../editor/codemirror'
import type { CodeLanguage } from '../../editor/codemirror/languages'
import { t } from '../../i18n'
import {
  BoldIcon,
  BulletIcon,
  CheckListIcon,
  HeadingIcon,
  ImageIcon,
  InlineCodeIcon,
  ItalicIcon,
  LinkIcon,
  OrderedIcon,
  QuoteIcon,
  WrapIcon,
} from '../icons'
import { choose, type Settings, settings } from '../settings/settings'
import { ViewSwitch } from './PreviewPane'
import type { DocumentPage } from './page'
import { Button, CommonTools, Divider, type Drawing, keyNames, ToolbarRow } from './tools'

const KINDS: readonly PlainKind[] = ['text', 'markdown', 'code']
const INDENTS = ['auto', 'tab', 2, 4, 8] as const

/** Tools for text, Markdown and code. */
export function PlainBar({ page, editor }: { page: DocumentPage; editor: PlainEditor }) {
  const kind = page.kind.value
  if (!page.mayEdit.value) {
    return (
      <ToolbarRow label={t('plain.tools')}>
        <CommonTools editor={editor} canUndo={false} canRedo={false} />
        <span class="space" />
        {kind === 'markdown' && <ViewSwitch />}
      </ToolbarRow>
    )
  }
  return (
    <ToolbarRow label={t('plain.tools')}>
      <CommonTools editor={editor} />
      <select
        aria-label={t('plain.kind')}
        tabIndex={-1}
        value={kind ?? ''}
        onChange={(event) => page.amend({ kind: event.currentTarget.value as PlainKind })}
      >
        {KINDS.map((choice) => (
          <option key={choice} value={choice}>
            {t(`kind.${choice}`)}
          </option>
        ))}
      </select>
      {kind === 'code' && <CodeTools page={page} />}
      {kind === 'markdown' && <MarkdownTools page={page} editor={editor} />}
    </ToolbarRow>
  )
}

function MarkdownTools({ page, editor }: { page: DocumentPage; editor: PlainEditor }) {
  const tools: readonly [MarkdownFormat, Drawing, string][] = [
    ['heading', HeadingIcon, '#'],
    ['bold', BoldIcon, keyNames('Ctrl+B')],
    ['italic', ItalicIcon, keyNames('Ctrl+I')],
    ['code', InlineCodeIcon, keyNames('Ctrl+E')],
    ['link', LinkIcon, keyNames('Ctrl+K')],
    ['bullet', BulletIcon, '-'],
    ['ordered', OrderedIcon, '1.'],
    ['check', CheckListIcon, '- [ ]'],
    ['blockquote', QuoteIcon, '>'],
  ]
  return (
    <>
      <Divider />
      {tools.map(([name, Icon, hint]) => (
        <Button
          key={name}
          name={name === 'heading' ? t('toolbar.heading', { level: 2 }) : t(`toolbar.${name}`)}
          hint={hint}
          Icon={Icon}
          onPress={() => editor.format(name)}
        />
      ))}
      <Button
        name={t('toolbar.image')}
        Icon={ImageIcon}
        disabled={!page.pictures.value}
        onPress={() => page.choosePictures()}
      />
      <span class="space" />
      <ViewSwitch />
    </>
  )
}

function CodeTools({ page }: { page: DocumentPage }) {
  const { wrap, indent } = settings.value
  const languages = useLanguages()
  return (
    <>
      <select
        aria-label={t('plain.language')}
        tabIndex={-1}
        value={page.language.value}
        onChange={(event) => page.amend({ language: event.currentTarget.value })}
      >
        <option value="">{t('plain.languageAuto')}</option>
        {languages.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={t('plain.indent')}
        tabIndex={-1}
        value={String(indent)}
        onChange={(event) => {
          const { value } = event.currentTarget
          choose({ indent: (Number(value) || value) as Settings['indent'] })
        }}
      >
        {INDENTS.map((choice) => (
          <option key={choice} value={String(choice)}>
            {typeof choice === 'number'
              ? t('plain.indent.spaces', { count: choice })
              : t(`plain.indent.${choice}`)}
          </option>
        ))}
      </select>
      <Button
        name={t('plain.wrap')}
        Icon={WrapIcon}
        pressed={wrap}
        onPress={() => choose({ wrap: !wrap })}
      />
    </>
  )
}

/** The languages there are, once they are loaded; they come with the first document of code. */
function useLanguages(): readonly CodeLanguage[] {
  const [languages, setLanguages] = useState<readonly CodeLanguage[]>([])
  useEffect(() => {
    void import('../../editor/codemirror/languages').then((found) => setLanguages(found.LANGUAGES))
  }, [])
  return languages
}
