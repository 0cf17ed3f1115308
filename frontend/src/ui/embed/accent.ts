/** What stands behind the colour at the worst: see style/base.css. */
const LIGHT = '#ffffff'
const DARK = '#23262e'

/** What WCAG asks of text in contrast to what is behind it; controls need less. */
const TEXT = 4.5
/** How much of white is added at a time, of 1. */
const STEP = 0.05

const HEX = /^#[0-9a-f]{6}$/i

/** A host's colour for light and for dark pages, where it is made lighter as need be; null if it cannot be read on white. */
export function accentOf(color: string): { light: string; dark: string } | null {
  if (!HEX.test(color) || contrast(color, LIGHT) < TEXT) return null
  let dark = color
  for (let white = STEP; contrast(dark, DARK) < TEXT; white += STEP) dark = lighter(color, white)
  return { light: color, dark }
}

/** The ratio of the luminances of two colours, #rrggbb, as WCAG 2 has it: from 1 to 21. */
export function contrast(a: string, b: string): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (lighter + 0.05) / (darker + 0.05)
}

const partsOf = (color: string): number[] =>
  [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = partsOf(color).map((part) => {
    const of1 = part / 255
    return of1 <= 0.04045 ? of1 / 12.92 : ((of1 + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function lighter(color: string, white: number): string {
  const mixed = partsOf(color).map((part) => Math.round(part + (255 - part) * Math.min(1, white)))
  return `#${mixed.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}
