/** A piece of a message: plain, or marked as **bold**, *italic*, `code`, an address, or the name of somebody. */
export interface Piece {
  readonly kind: 'text' | 'bold' | 'italic' | 'code' | 'link' | 'mention'
  readonly text: string
}

const MARK = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|\*([^*\n]+)\*|(https?:\/\/[^\s<>"']+)/g
/** What ends a sentence belongs to it, not to the address before. */
const TRAILING = /[.,;:!?)\]}]+$/

/** Reads a message's light marks. Whatever is not one stays as it is; nothing in it becomes HTML. */
export function piecesOf(message: string, names: readonly string[] = []): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const found of message.matchAll(MARK)) {
    const [whole, code, bold, italic, address] = found
    pieces.push(...withMentions(message.slice(at, found.index), names))
    at = found.index + whole.length
    if (code !== undefined) pieces.push({ kind: 'code', text: code })
    else if (bold !== undefined) pieces.push({ kind: 'bold', text: bold })
    else if (italic !== undefined) pieces.push({ kind: 'italic', text: italic })
    else if (address !== undefined) {
      const text = address.replace(TRAILING, '')
      at -= address.length - text.length
      pieces.push({ kind: 'link', text })
    }
  }
  pieces.push(...withMentions(message.slice(at), names))
  return pieces.filter(({ text }) => text !== '')
}

/** Text in which the @names of people stand out; of names that begin alike the longest. */
function withMentions(text: string, names: readonly string[]): Piece[] {
  const byLength = [...names].filter(Boolean).sort((a, b) => b.length - a.length)
  const pieces: Piece[] = []
  let plain = 0
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const name = byLength.find((candidate) => text.startsWith(candidate, at + 1))
    if (name === undefined || at < plain) continue
    pieces.push({ kind: 'text', text: text.slice(plain, at) })
    pieces.push({ kind: 'mention', text: `@${name}` })
    plain = at + 1 + name.length
  }
  return [...pieces, { kind: 'text', text: text.slice(plain) }]
}
