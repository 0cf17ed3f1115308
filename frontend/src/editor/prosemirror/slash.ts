import { type Signal, signal } from '@preact/signals'
import { type EditorState, Plugin, PluginKey } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'

/** The menu that a slash at the start of a line opens. */
export interface SlashMenu {
  /** What was typed after the slash. */
  readonly query: string
  /** Where the slash is, in the window. */
  readonly place: { readonly left: number; readonly top: number; readonly bottom: number }
}

/** What the page does with the keys that belong to the menu. */
export interface SlashKeys {
  move(by: 1 | -1): void
  /** Answers whether there was something to choose. */
  choose(): boolean
}

const key = new PluginKey<boolean>('slash')

/** The text from a slash at the start of the caret's line, or null. */
function query(state: EditorState): string | null {
  const { $from, empty } = state.selection
  if (!empty || !$from.parent.isTextblock) return null
  const before = $from.parent.textBetween(0, $from.parentOffset, undefined, '\ufffc')
  return /^\/(\S{0,20})$/.exec(before)?.[1] ?? null
}

/** Opens a menu when a slash is typed at the start of a line, and keeps it while a name follows. */
export class Slash {
  readonly menu: Signal<SlashMenu | null> = signal(null)
  keys: SlashKeys | null = null

  readonly plugin = new Plugin<boolean>({
    key,
    state: {
      init: () => false,
      apply: (tr, open, _before, state) => {
        const asked = tr.getMeta(key) as boolean | undefined
        if (asked !== undefined) return asked
        return open && query(state) !== null
      },
    },
    props: {
      handleTextInput: (view, from, to, text) => {
        const { parent, parentOffset } = view.state.doc.resolve(from)
        const atStart = parentOffset === 0 && parent.attrs.format['code-block'] === undefined
        if (text !== '/' || !atStart) return false
        view.dispatch(view.state.tr.insertText(text, from, to).setMeta(key, true))
        return true
      },
      handleKeyDown: (view, event) => this.pressed(view, event),
    },
    view: () => ({
      update: (view) => this.show(view),
      destroy: () => {
        this.menu.value = null
      },
    }),
  })

  /** Takes the slash and what follows it out of the text. */
  clear(view: EditorView): void {
    const { $from } = view.state.selection
    view.dispatch(view.state.tr.delete($from.start(), $from.pos).setMeta(key, false))
  }

  private show(view: EditorView): void {
    const text = key.getState(view.state) ? query(view.state) : null
    if (text === null) {
      this.menu.value = null
      return
    }
    const { left, top, bottom } = view.coordsAtPos(view.state.selection.$from.start())
    this.menu.value = { query: text, place: { left, top, bottom } }
  }

  private pressed(view: EditorView, event: KeyboardEvent): boolean {
    if (!this.menu.value || !this.keys || event.isComposing) return false
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      this.keys.move(event.key === 'ArrowDown' ? 1 : -1)
      return true
    }
    if (event.key === 'Enter' || event.key === 'Tab') return this.keys.choose()
    if (event.key !== 'Escape') return false
    view.dispatch(view.state.tr.setMeta(key, false))
    return true
  }
}
