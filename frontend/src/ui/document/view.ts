import { computed, signal } from '@preact/signals'
import { choose, type MarkdownView, settings } from '../settings/settings'

/** Side by side needs this much room. */
const WIDE = matchMedia('(min-width: 56rem)')
export const wide = signal(WIDE.matches)
WIDE.addEventListener('change', () => {
  wide.value = WIDE.matches
})

/** What is shown of the document. Where there is no room for both, the one that the user looked at last. */
const narrowView = signal<'write' | 'read'>('write')
export const markdownView = computed<MarkdownView>(() =>
  wide.value ? settings.value.markdownView : narrowView.value,
)

/** Shows the document this way from now on. */
export function look(view: MarkdownView): void {
  if (view !== 'split') narrowView.value = view
  if (wide.value) choose({ markdownView: view })
}
