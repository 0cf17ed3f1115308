import { expect, test } from 'vitest'
import { accentOf, contrast } from './accent'

test('a colour is made lighter until it can be read on dark pages', () => {
  expect(accentOf('#7a1fa2')?.light).toBe('#7a1fa2')
  for (const color of ['#7a1fa2', '#000000', '#0b57d0', '#b3261e']) {
    const { light, dark } = accentOf(color) ?? { light: '', dark: '' }
    expect(contrast(light, '#ffffff')).toBeGreaterThanOrEqual(4.5)
    expect(contrast(dark, '#23262e')).toBeGreaterThanOrEqual(4.5)
  }
})

test('a colour that cannot be read on white, and what is none, is ignored', () => {
  for (const color of ['#ffcc00', '#fff', 'red', 'url(x)', '', '#12345g', '#1234567'])
    expect(accentOf(color)).toBeNull()
})

test('contrast is that of WCAG', () => {
  expect(contrast('#000000', '#ffffff')).toBe(21)
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
})
