/** Texts up to this length, in UTF-16 units, are cut into words as their language does; longer ones at spaces. */
const LONG = 200_000

/** How many words there are. Languages without spaces between words are counted as their readers would. */
export function countWords(text: string, locale: string): number {
  if (text.length > LONG) return text.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*/gu)?.length ?? 0
  let words = 0
  for (const { isWordLike } of new Intl.Segmenter(locale, { granularity: 'word' }).segment(text)) {
    if (isWordLike) words++
  }
  return words
}

/** How many characters a reader sees, line ends left out. */
export function countCharacters(text: string): number {
  let characters = 0
  for (const character of text) if (character !== '\n' && !/\p{M}/u.test(character)) characters++
  return characters
}
