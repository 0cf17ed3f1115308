/**
 * Colours that people may give to text, as they are kept in the document. The page shows those it knows as custom
 * properties, `--ink-red` and `--wash-red`, so that they can be read in both themes.
 */
export const INKS = {
  red: '#c5221f',
  orange: '#b3500a',
  green: '#1e7b3a',
  blue: '#1a5fd0',
  violet: '#7a3cc8',
  grey: '#6b7280',
} as const
export const WASHES = {
  yellow: '#fdf0a6',
  green: '#cdf2d6',
  blue: '#d3e6fd',
  red: '#fbd7d3',
  violet: '#e8dcfb',
} as const

export type Ink = keyof typeof INKS
export type Wash = keyof typeof WASHES

const nameIn = (palette: Readonly<Record<string, string>>, value: string) =>
  Object.keys(palette).find((name) => palette[name] === value)

/** How a colour or background is written in a style. '' for what is no colour. */
export function styleOf(key: 'color' | 'background', value: unknown): string {
  const text = String(value)
  const [kind, property, palette] =
    key === 'color' ? ['ink', 'color', INKS] : ['wash', 'background-color', WASHES]
  const name = nameIn(palette, text)
  if (name) return `${property}: var(--${kind}-${name})`
  return /^[#\w(),.% ]+$/.test(text) ? `${property}: ${text}` : ''
}
