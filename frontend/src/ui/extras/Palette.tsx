import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../../i18n'
import { Dialog } from '../Dialog'
import type { DocumentPage } from '../document/page'
import { keyNames } from '../document/tools'
import { type Command, commandsOf } from './commands'

/** Commands in whose name all the words occur that were typed. */
function matching(commands: readonly Command[], query: string): readonly Command[] {
  const words = query.toLocaleLowerCase().split(/\s+/)
  return commands.filter(({ name }) => {
    const text = name.toLocaleLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** The list of everything one can do, searched by typing. */
export function Palette({ page }: { page: DocumentPage }) {
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const found = matching(commandsOf(page), query)
  const close = () => {
    page.dialog.value = null
  }
  const run = (command: Command | undefined) => {
    if (!command) return
    close()
    // While the dialog is open, nothing behind it can have the focus.
    setTimeout(() => {
      page.focus()
      command.run()
    })
  }
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) setAt((at + step + found.length) % Math.max(1, found.length))
    else if (event.key === 'Enter' && !event.isComposing) run(found[at])
    else return
    event.preventDefault()
  }
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  })
  return (
    <Dialog title={t('commands.open')} class="palette" onClose={close}>
      <input
        role="combobox"
        aria-label={t('commands.search')}
        aria-expanded="true"
        aria-controls="commands"
        aria-activedescendant={found.length > 0 ? 'command-active' : undefined}
        placeholder={t('commands.search')}
        autocomplete="off"
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={keys}
      />
      {found.length === 0 && <p class="hint">{t('commands.none')}</p>}
      <div id="commands" role="listbox" aria-label={t('commands.open')} ref={list} tabIndex={-1}>
        {found.map((command, n) => (
          // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the field
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
          <div
            key={command.name}
            id={n === at ? 'command-active' : undefined}
            role="option"
            aria-selected={n === at}
            onClick={() => run(command)}
          >
            <span>{command.name}</span>
            {command.keys && <kbd>{keyNames(command.keys)}</kbd>}
          </div>
        ))}
      </div>
    </Dialog>
  )
}
