import { describe, expect, test } from 'vitest'
import ar from './ar'
import de from './de'
import { en } from './en'
import es from './es'
import fr from './fr'
import ja from './ja'
import zh from './zh'

describe.each(Object.entries({ ar, de, en, es, fr, ja, zh }))('%s', (language, messages) => {
  test('has a form for every kind of number that people meet', () => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions()
    const needed = pluralCategories.filter((c) => c !== 'many' || language === 'ar')
    for (const [key, message] of Object.entries(messages)) {
      if (typeof message !== 'string')
        expect([key, ...Object.keys(message)]).toEqual(expect.arrayContaining(needed))
    }
  })

  test('leaves nothing in English by mistake', () => {
    if (language === 'en') return
    const same = (Object.keys(en) as (keyof typeof en)[]).filter((key) => {
      const text = en[key]
      return typeof text === 'string' && text === messages[key] && /\s\w+\s/.test(text)
    })
    expect(same).toEqual([])
  })
})
