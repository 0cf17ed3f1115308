import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Block, RichEditor } from '../../editor/prosemirror'
import { t } from '../../i18n'

const BLOCKS: readonly [Block, name: () => string, typed: string][] = [
  ['paragraph', () => t('toolbar.body'), ''],
  ['header-1', () => t('toolbar.heading', { level: 1 }), '#'],
  ['header-2', () => t('toolbar.heading', { level: 2 }), '##'],
  ['header-3', () => t('toolbar.heading', { level: 3 }), '###'],
  ['bullet', () => t('toolbar.bullet'), '-'],
  ['ordered', () => t('toolbar.ordered'), '1.'],
  ['check', () => t('toolbar.check'), '[]'],
  ['blockquote', () => t('toolbar.blockquote'), '>'],
  ['code-block', () => t('toolbar.code-block'), '```'],
]

/** Kinds of line whose name, in the user's language or in English, has a word that begins so. */
function matching(query: string) {
  const wanted = query.toLowerCase()
  return BLOCKS.filter(([block, name]) =>
    [block, ...name().toLowerCase().split(/\s+/)].some((word) => word.startsWith(wanted)),
  )
}

/** The menu under a slash. The caret stays in the text; arrow keys move here, Enter chooses. */
export function SlashList({ editor }: { editor: RichEditor }) {
  const menu = editor.slash.menu.value
  const [at, setAt] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const query = menu?.query ?? ''
  const found = menu ? matching(query) : []
  useEffect(() => setAt(0), [query, menu === null])
  // At once: the next key may come before anything that waits for the frame.
  useLayoutEffect(() => {
    editor.slash.keys = {
      move: (by) => setAt((now) => (now + by + found.length) % Math.max(1, found.length)),
      choose: () => {
        const [block] = found[at] ?? []
        if (block) editor.chooseBlock(block)
        return block !== undefined
      },
    }
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  })
  if (!menu) return null
  const { left, top, bottom } = menu.place
  const above = bottom > innerHeight * 0.6
  const place = above ? { bottom: `${innerHeight - top + 6}px` } : { top: `${bottom + 6}px` }
  return (
    <div
      id="slash"
      class="slash"
      role="listbox"
      aria-label={t('slash.label')}
      ref={list}
      style={{ left: `${Math.min(left, innerWidth - 260)}px`, ...place }}
    >
      {found.length === 0 && <p class="hint">{t('slash.none')}</p>}
      {found.map(([block, name, typed], n) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the caret stays in the text
        // biome-ignore lint/a11y/useKeyWithClickEvents: the editor passes the keys on
        <div
          key={block}
          id={n === at ? 'slash-active' : undefined}
          role="option"
          aria-selected={n === at}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => editor.chooseBlock(block)}
        >
          <span>{name()}</span>
          <kbd>{typed}</kbd>
        </div>
      ))}
    </div>
  )
}
