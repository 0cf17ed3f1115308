import { t } from '../../i18n'
import { root } from '../../place'
import { moveToTrash } from '../desk/api'
import type { DocumentPage } from '../document/page'
import { look } from '../document/view'
import { choose, settings } from '../settings/settings'

/** Something the user can do, as the list of commands has it. */
export interface Command {
  readonly name: string
  /** The keys that do the same, as keyNames reads them. */
  readonly keys?: string
  readonly run: () => void
}

const RICH = [
  ['header-1', 'Ctrl+Alt+1'],
  ['header-2', 'Ctrl+Alt+2'],
  ['header-3', 'Ctrl+Alt+3'],
  ['bullet', 'Ctrl+Shift+8'],
  ['ordered', 'Ctrl+Shift+7'],
  ['check', 'Ctrl+Shift+9'],
  ['blockquote', ''],
  ['code-block', ''],
] as const

const nameOf = (block: (typeof RICH)[number][0]) => {
  const [, level] = /^header-(\d)$/.exec(block) ?? []
  return level
    ? t('toolbar.heading', { level: Number(level) })
    : t(`toolbar.${block as 'bullet' | 'ordered' | 'check' | 'blockquote' | 'code-block'}`)
}

/** Everything that can be done with a document now. */
export function commandsOf(page: DocumentPage): Command[] {
  return [...ofPage(page), ...ofEditor(page), ...ofPeople(page)]
}

function ofPage(page: DocumentPage): Command[] {
  const open = (dialog: 'settings' | 'shortcuts' | 'history' | 'share') => () => {
    page.dialog.value = dialog
  }
  return [
    { name: t('outline.title'), keys: 'Ctrl+Alt+O', run: () => page.toggleOutline() },
    { name: t('history.title'), keys: 'Ctrl+Shift+H', run: open('history') },
    {
      name: t('history.authors'),
      run: () => {
        page.authors.value = !page.authors.value
      },
    },
    { name: t('share.button'), run: open('share') },
    { name: t('settings.title'), run: open('settings') },
    { name: t('shortcuts.title'), keys: 'Ctrl+/', run: open('shortcuts') },
    { name: t('commands.print'), keys: 'Ctrl+P', run: () => print() },
    {
      name: t('commands.copyLink'),
      run: () => void navigator.clipboard?.writeText(location.href).catch(() => {}),
    },
    {
      name: t('commands.rename'),
      run: () => document.querySelector<HTMLElement>('.title input')?.focus(),
    },
    ...(page.standing.value?.may.includes('delete')
      ? [{ name: t('commands.trash'), run: () => void trash(page) }]
      : []),
    ...(self === top ? [{ name: t('commands.start'), run: () => location.assign(root) }] : []),
  ]
}

/** Puts the document into the trash. The server then closes it for everybody, and the page says so. */
async function trash(page: DocumentPage): Promise<void> {
  await moveToTrash(page.id).catch((error: Error) => {
    page.problem.value = error.message
  })
}

function ofEditor(page: DocumentPage): Command[] {
  const rich = page.rich.value
  const plain = page.plain.value
  const editor = rich ?? plain
  if (!editor) return []
  const both = [
    { name: t('toolbar.undo'), keys: 'Ctrl+Z', run: () => editor.undo() },
    { name: t('toolbar.redo'), keys: 'Ctrl+Y', run: () => editor.redo() },
    { name: t('find.title'), keys: 'Ctrl+F', run: () => editor.find() },
  ]
  if (rich) {
    return [
      ...both,
      ...RICH.map(([block, keys]) => ({
        name: nameOf(block),
        keys,
        run: () => rich.toggleBlock(block),
      })),
    ]
  }
  const kinds = (['text', 'markdown', 'code'] as const).filter((kind) => kind !== page.kind.value)
  const views = page.kind.value === 'markdown' ? (['write', 'split', 'read'] as const) : []
  return [
    ...both,
    { name: t('plain.wrap'), run: () => choose({ wrap: !settings.value.wrap }) },
    ...views.map((view) => ({
      name: `${t('preview.view')}: ${t(`preview.${view}`)}`,
      run: () => look(view),
    })),
    ...kinds.map((kind) => ({
      name: `${t('plain.kind')}: ${t(`kind.${kind}`)}`,
      run: () => void page.amend({ kind }),
    })),
  ]
}

function ofPeople(page: DocumentPage): Command[] {
  const stop = { name: t('commands.unfollow'), run: () => page.peers.follow(null) }
  return [
    ...(page.peers.following.value ? [stop] : []),
    ...page.peers.shown.value.flatMap(({ id, name }) => [
      { name: t('commands.goTo', { name }), run: () => page.peers.jumpTo(id) },
      { name: t('commands.follow', { name }), run: () => page.peers.follow(id) },
    ]),
  ]
}
