import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { INKS, WASHES } from '../editor/prosemirror/palette'
import { COLORS, initials } from './person'

const css = readFileSync(new URL('style/base.css', import.meta.url), 'utf8')

/** A colour of the page in the light and the dark theme. */
function token(name: string): [light: string, dark: string] {
  const [, light, dark] = new RegExp(`--${name}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(css) ?? []
  if (!light || !dark) throw new Error(`base.css has no --${name} for both themes`)
  return [light, dark]
}

/** Relative luminance, as WCAG 2 defines it. */
function luminance(hex: string): number {
  const digits = hex.length === 4 ? [...hex.slice(1)].map((d) => d + d) : hex.match(/\w\w/g)
  const [r = 0, g = 0, b = 0] = (digits ?? []).map((pair) => {
    const c = Number.parseInt(pair, 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

describe('colours can be told apart from what is around them', () => {
  test.each(COLORS)('%s carries white text, and a caret in it shows in both themes', (color) => {
    expect(contrast(color, '#ffffff')).toBeGreaterThanOrEqual(4.5)
    for (const ground of [...token('ground'), ...token('surface')]) {
      expect(contrast(color, ground)).toBeGreaterThanOrEqual(3)
    }
  })

  test.each(Object.keys(INKS))('text in %s can be read on the page in both themes', (ink) => {
    const grounds = token('ground')
    token(`ink-${ink}`).forEach((color, theme) => {
      expect(contrast(color, grounds[theme] ?? '')).toBeGreaterThanOrEqual(4.5)
    })
  })

  test.each(Object.keys(WASHES))('text on %s can be read in both themes', (wash) => {
    const texts = token('text')
    token(`wash-${wash}`).forEach((color, theme) => {
      expect(contrast(color, texts[theme] ?? '')).toBeGreaterThanOrEqual(4.5)
    })
  })
})

test.each([
  ['Ann', 'A'],
  ['ann maria bell', 'AM'],
  ['青いサギ', '青'],
  ['😀 b', '😀B'],
])('%s is %s on an avatar', (name, letters) => expect(initials(name)).toBe(letters))
