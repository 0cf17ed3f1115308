import { describe, expect, test } from 'vitest'
import type { Message } from '../i18n/message'

type Texts = Readonly<Record<string, Message>>

/** Tests the texts of a part of the interface in all languages, beside what the compiler sees. */
export function testTexts(languages: Readonly<Record<string, Texts>>): void {
  describe.each(Object.entries(languages))('%s', (language, messages) => {
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
      const same = Object.entries(languages.en ?? {}).filter(
        ([key, text]) => typeof text === 'string' && text === messages[key] && /\s\w+\s/.test(text),
      )
      expect(same).toEqual([])
    })
  })
}
