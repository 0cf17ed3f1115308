import type { Editor } from '../../editor/editor'
import { t } from '../../i18n'

/** Where a position is, in words: the section it is in. */
export function placeOf(editor: Editor, index: number): string {
  const heading = editor.headings().findLast((candidate) => candidate.index <= index)
  return heading ? t('people.inSection', { section: heading.text }) : t('people.atStart')
}
