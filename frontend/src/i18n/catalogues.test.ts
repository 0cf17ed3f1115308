import { describe, expect, test } from 'vitest'
import ar from './ar'
import { type Catalogue, catalogue, type Key } from './catalogue'
import de from './de'
import { en } from './en'
import es from './es'
import fr from './fr'
import ja from './ja'
import { write } from './message'
import zh from './zh'

const CATALOGUES: readonly (readonly [string, Catalogue])[] = Object.entries({
  ar,
  de,
  en,
  es,
  fr,
  ja,
  zh,
})

describe('a catalogue compiles only if', () => {
  const { 'share.button': _, ...incomplete } = { ...en }

  test('no message is missing', () => {
    // @ts-expect-error the message share.button is missing
    catalogue(incomplete)
  })

  test('no message is unknown', () => {
    // @ts-expect-error there is no such message
    catalogue({ ...en, 'share.knob': 'Share' })
  })

  test('its parameters are those of the English message', () => {
    // @ts-expect-error {title} is misspelt
    catalogue({ ...en, 'start.forget': 'Remove {titel}' })
    // @ts-expect-error {title} is missing
    catalogue({ ...en, 'start.forget': 'Remove' })
    // @ts-expect-error there is no {n}
    catalogue({ ...en, 'share.button': 'Share {n}' })
    // @ts-expect-error it depends on a number, and so needs its forms
    catalogue({ ...en, 'state.offlineKept': '{count} changes' })
  })
})

describe.each(CATALOGUES)('%s', (language, messages) => {
  const plural = new Intl.PluralRules(language)
  const grammar = { plural, number: new Intl.NumberFormat(language) }

  test('has a form for every kind of number that people meet', () => {
    const { pluralCategories } = plural.resolvedOptions()
    // In French and Spanish "many" is for millions.
    const needed = pluralCategories.filter((c) => c !== 'many' || language === 'ar')
    for (const [key, message] of Object.entries(messages)) {
      if (typeof message !== 'string')
        expect([key, ...Object.keys(message)]).toEqual(expect.arrayContaining(needed))
    }
  })

  test('says how many changes wait, whatever their number', () => {
    for (const count of [0, 1, 2, 3, 11, 25, 100, 12_345]) {
      const text = write(messages['state.offlineKept'], { count }, grammar)
      expect(text).not.toMatch(/[{}]/)
      expect(text.length).toBeGreaterThan(8)
    }
  })

  test('has a name for at least twenty guests, each once', () => {
    const names = write(messages['people.guests'], {}, grammar).split('|')
    expect(names.length).toBeGreaterThanOrEqual(20)
    expect(new Set(names).size).toBe(names.length)
  })

  test('leaves nothing in English by mistake', () => {
    if (language === 'en') return
    const same = (Object.keys(en) as Key[]).filter((key) => {
      const text = en[key]
      return typeof text === 'string' && text === messages[key] && /\s\w+\s/.test(text)
    })
    expect(same).toEqual([])
  })
})
