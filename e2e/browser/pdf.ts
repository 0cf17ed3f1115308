import { inflateSync } from 'node:zlib'

/** The text on each page of a PDF as Chromium writes it, a line for each run of letters. */
export function pagesOf(pdf: Buffer): string[] {
  const objects = objectsOf(pdf.toString('latin1'))
  const letters = new Map<string, Map<string, string>>()
  for (const [number, object] of objects) {
    const unicode = referenceIn(object, 'ToUnicode')
    if (unicode) letters.set(number, lettersOf(streamOf(objects.get(unicode) ?? '')))
  }
  return [...objects.values()]
    .filter((object) => /\/Type\s*\/Page\b/.test(object))
    .map((page) => {
      const content = streamOf(objects.get(referenceIn(page, 'Contents') ?? '') ?? '')
      return textOf(content, letters)
    })
}

/** Its objects by their numbers. */
function objectsOf(pdf: string): Map<string, string> {
  const found = pdf.matchAll(/(\d+) 0 obj\b([\s\S]*?)\bendobj\b/g)
  return new Map([...found].map(([, number = '', object = '']) => [number, object]))
}

const referenceIn = (object: string, key: string) =>
  new RegExp(`/${key}\\s+(\\d+) 0 R`).exec(object)?.[1]

function streamOf(object: string): string {
  const [, stream] = /\bstream\r?\n([\s\S]*?)\r?\nendstream/.exec(object) ?? []
  if (stream === undefined) return ''
  const bytes = Buffer.from(stream, 'latin1')
  return object.includes('/FlateDecode') ? inflateSync(bytes).toString('latin1') : stream
}

/** What the glyphs of a font stand for, from its table of single letters and of ranges. */
function lettersOf(table: string): Map<string, string> {
  const letters = new Map<string, string>()
  const put = (glyph: number, letter: number) =>
    letters.set(glyph.toString(16).padStart(4, '0'), String.fromCodePoint(letter))
  for (const [, chars = ''] of table.matchAll(/beginbfchar([\s\S]*?)endbfchar/g)) {
    for (const [, glyph = '', letter = ''] of chars.matchAll(/<(\w+)>\s*<(\w{4})>/g))
      put(Number.parseInt(glyph, 16), Number.parseInt(letter, 16))
  }
  for (const [, ranges = ''] of table.matchAll(/beginbfrange([\s\S]*?)endbfrange/g)) {
    for (const [, from = '', to = '', letter = ''] of ranges.matchAll(
      /<(\w+)>\s*<(\w+)>\s*<(\w{4})>/g,
    )) {
      const first = Number.parseInt(from, 16)
      for (let n = first; n <= Number.parseInt(to, 16); n++)
        put(n, Number.parseInt(letter, 16) + n - first)
    }
  }
  return letters
}

/** The letters that a page draws, where BT begins a run of them; the name of a font is F and the number of its object. */
function textOf(content: string, letters: ReadonlyMap<string, ReadonlyMap<string, string>>) {
  const lines: string[] = []
  let font: ReadonlyMap<string, string> | undefined
  for (const [found, name] of content.matchAll(
    /\bBT\b|\/F(\d+)\s+[\d.]+\s+Tf|\[.*?\]\s*TJ|<\w+>\s*Tj/g,
  )) {
    if (found === 'BT') lines.push('')
    else if (name) font = letters.get(name)
    else {
      const glyphs = [...found.matchAll(/<(\w+)>/g)].flatMap(
        ([, hex = '']) => hex.toLowerCase().match(/.{4}/g) ?? [],
      )
      lines.push((lines.pop() ?? '') + glyphs.map((glyph) => font?.get(glyph) ?? '').join(''))
    }
  }
  return lines.join('\n')
}
