import { compose, type Delta, isDelete, isInsert, isRetain, lengthOf, textOf } from '../../delta'
import { isFields } from '../../embed/messages'
import type { DocumentPage } from '../document/page'
import { difference } from './difference'
import { Refusal } from './host'

/** How long a command waits for the editor to show what has come and for an input method to be done, in ms, and how often it looks. */
const PATIENCE = 10_000
const LOOK = 50

/** The text of the document as the host reads and changes it: as its user would, in one edit. */
export class Contents {
  private composing = false
  /** Whether the change under way is the host's. */
  editing = false

  constructor(private readonly page: DocumentPage) {
    const { surface } = page
    surface.addEventListener('compositionstart', () => {
      this.composing = true
    })
    surface.addEventListener('compositionend', () => {
      this.composing = false
    })
  }

  /** What is there, with everything that the user has typed. */
  get value(): Delta {
    const { session } = this.page
    const copy = session.document.copy()
    return copy ? compose(copy.content, session.document.unsent.change) : []
  }

  get text(): string {
    return textOf(this.value)
  }

  /** Makes the text this one, by a small edit. */
  async setText(text: string): Promise<void> {
    const wanted = text.replace(/\r\n?/g, '\n')
    const missing = this.isRich && !wanted.endsWith('\n') ? '\n' : ''
    await this.edit(() => difference(this.value, [{ insert: wanted + missing }], 'text'))
  }

  async setContents(content: Delta): Promise<void> {
    if (!content.every(isInsert)) throw bad('The contents of a document are inserts only.')
    if (!this.isRich) return this.setText(textOf(content))
    if (!textOf(content).endsWith('\n')) throw bad('Rich text ends in a newline.')
    await this.edit(() => difference(this.value, content, 'everything'))
  }

  /** Makes one edit of the user's, once the editor shows all that it could be about. */
  async edit(make: () => Delta): Promise<void> {
    const { page } = this
    await this.atRest()
    if (page.session.document.readOnly) {
      throw new Refusal('denied', 'This user may not change the document now.')
    }
    const change = make()
    const length = lengthOf(this.value)
    if (lengthBefore(change) > length) throw bad(`The document has ${length} units only.`)
    if (this.isRich && !textOf(compose(this.value, change)).endsWith('\n')) {
      throw bad('Rich text ends in a newline.')
    }
    if (change.length === 0) return
    this.editing = true
    page.session.document.submit(change)
    page.changed(change)
    this.editing = false
  }

  private get isRich(): boolean {
    return this.page.kind.value === 'rich'
  }

  private async atRest(): Promise<void> {
    const { document } = this.page.session
    for (let waited = 0; this.composing || !document.delivered; waited += LOOK) {
      if (waited > PATIENCE) throw new Refusal('not-ready', 'The editor is busy. Try again.')
      await new Promise((resolve) => setTimeout(resolve, LOOK))
    }
  }
}

export const bad = (message: string) => new Refusal('bad-request', message)

/** How much of the text before it a change is about. */
function lengthBefore(change: Delta): number {
  return change.reduce((sum, op) => {
    if (isRetain(op)) return sum + op.retain
    return isDelete(op) ? sum + op.delete : sum
  }, 0)
}

/** A delta as somebody sent it: `[...]` or `{"ops":[...]}`, checked. */
export function deltaFrom(said: unknown): Delta {
  const ops = isFields(said) ? said.ops : said
  if (!Array.isArray(ops) || !ops.every(isOp)) throw bad('That is not a delta.')
  return ops as Delta
}

function isOp(said: unknown): boolean {
  if (!isFields(said)) return false
  const { insert, retain, delete: removed, attributes } = said
  if (attributes !== undefined && !isFields(attributes)) return false
  if ([insert, retain, removed].filter((part) => part !== undefined).length !== 1) return false
  if (insert !== undefined) {
    return typeof insert === 'string' ? insert !== '' && !insert.includes('\r') : isFields(insert)
  }
  const length = retain ?? removed
  return Number.isSafeInteger(length) && (length as number) > 0
}
