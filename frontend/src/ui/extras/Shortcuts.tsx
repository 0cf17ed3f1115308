import { t } from '../../i18n'
import { Dialog } from '../Dialog'
import type { DocumentPage } from '../document/page'
import { keyNames } from '../document/tools'

type Row = readonly [name: string, ...keys: string[]]

function everywhere(): Row[] {
  return [
    [t('commands.open'), 'Ctrl+Shift+P', 'F1'],
    [t('shortcuts.title'), 'Ctrl+/', '?'],
    [t('outline.title'), 'Ctrl+Alt+O'],
    [t('history.title'), 'Ctrl+Shift+H'],
    [t('shortcuts.regions'), 'F6', 'Shift+F6'],
    [t('shortcuts.toolbar'), 'Alt+F10'],
    [t('shortcuts.back'), 'Esc'],
    [t('commands.lastEdits'), 'Ctrl+Alt+R'],
    [t('commands.print'), 'Ctrl+P'],
  ]
}

function inText(page: DocumentPage): Row[] {
  const both: Row[] = [
    [t('toolbar.undo'), 'Ctrl+Z'],
    [t('toolbar.redo'), 'Ctrl+Y', 'Ctrl+Shift+Z'],
    [t('shortcuts.leave'), 'Esc, Tab'],
  ]
  const marks: Row[] = [
    [t('toolbar.bold'), 'Ctrl+B'],
    [t('toolbar.italic'), 'Ctrl+I'],
    [t('toolbar.code'), 'Ctrl+E'],
    [t('toolbar.link'), 'Ctrl+K'],
  ]
  const find: Row = [t('find.title'), 'Ctrl+F']
  switch (page.kind.value) {
    case 'rich':
      return [
        ...both,
        find,
        ...marks,
        [t('toolbar.underline'), 'Ctrl+U'],
        [t('toolbar.strike'), 'Ctrl+Shift+X'],
        [t('toolbar.heading', { level: 1 }), 'Ctrl+Alt+1'],
        [t('toolbar.heading', { level: 2 }), 'Ctrl+Alt+2'],
        [t('toolbar.heading', { level: 3 }), 'Ctrl+Alt+3'],
        [t('toolbar.body'), 'Ctrl+Alt+0'],
        [t('toolbar.ordered'), 'Ctrl+Shift+7'],
        [t('toolbar.bullet'), 'Ctrl+Shift+8'],
        [t('toolbar.check'), 'Ctrl+Shift+9'],
        [t('slash.label'), '/'],
      ]
    case 'markdown':
      return [...both, find, ...marks]
    default:
      return [...both, find]
  }
}

/** Every shortcut there is here. */
export function Shortcuts({ page }: { page: DocumentPage }) {
  const close = () => {
    page.dialog.value = null
  }
  return (
    <Dialog title={t('shortcuts.title')} class="shortcuts" onClose={close}>
      <Table title={t('shortcuts.everywhere')} rows={everywhere()} />
      <Table title={t('shortcuts.text')} rows={inText(page)} />
    </Dialog>
  )
}

const Table = ({ title, rows }: { title: string; rows: readonly Row[] }) => (
  <section>
    <h3>{title}</h3>
    <dl>
      {rows.map(([name, ...keys]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {keys.map((combination) => (
              <kbd key={combination}>{keyNames(combination)}</kbd>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  </section>
)
