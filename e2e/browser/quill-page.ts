// Runs in a page: stock Quill 2 on ShareDB's own client with the rich-text type, joined as their documentation shows.
import Quill, { type Delta } from 'quill'
import richText from 'rich-text'
import sharedb from 'sharedb/lib/client/index.js'

sharedb.types.register(richText.type)

/** An edit that a person makes in Quill; `at` is a share of the document. */
export interface QuillEdit {
  action: 'insert' | 'delete' | 'format' | 'line'
  at: number
  length: number
  text: string
  format: [name: string, value: unknown]
}

declare global {
  interface Window {
    stock: typeof stock
  }
}

let quill: Quill
let doc: sharedb.Doc

const stock = {
  open(url: string, id: string): Promise<void> {
    doc = new sharedb.Connection(new WebSocket(url)).get('documents', id)
    return new Promise((resolve, reject) =>
      doc.subscribe((error) => {
        if (error) return reject(error)
        bind()
        resolve()
      }),
    )
  },
  edit(edit: QuillEdit): void {
    const length = quill.getLength()
    const at = whole(Math.floor(edit.at * length))
    const run = whole(Math.min(at + edit.length, length - 1)) - at
    const [name, value] = edit.format
    if (edit.action === 'insert') quill.insertText(at, edit.text, 'user')
    else if (edit.action === 'line') quill.formatLine(at, 1, name, value, 'user')
    else if (run > 0 && edit.action === 'delete') quill.deleteText(at, run, 'user')
    else if (run > 0) quill.formatText(at, run, name, value, 'user')
  },
  settled(): Promise<void> {
    return new Promise((resolve) => doc.whenNothingPending(resolve))
  },
  /** What Quill shows, and what the client under it holds. */
  contents(): { quill: unknown[]; client: unknown[] } {
    return { quill: quill.getContents().ops, client: doc.data.ops }
  },
}
window.stock = stock

/**
 * The position, or the one before if it would cut an emoji in two: a caret does not go there, and Quill's own difference
 * does not end on halves.
 */
function whole(at: number): number {
  const code = quill.getText().charCodeAt(at)
  return code >= 0xdc00 && code < 0xe000 ? at - 1 : at
}

function bind(): void {
  quill = new Quill('#editor')
  quill.setContents(doc.data as unknown as Delta, 'silent')
  quill.on('text-change', (delta, _old, source) => {
    if (source === 'user') doc.submitOp(delta, { source: quill })
  })
  doc.on('op', (op, source) => {
    if (source !== quill) quill.updateContents(op as Delta, 'api')
  })
}
