import { computed, effect, signal } from '@preact/signals'
import type { Catalogue, CatalogueOf, English, Key } from './catalogue'
import { en } from './en'
import { type Grammar, type Message, type ParameterNames, type Parameters, write } from './message'

/** Every language of the interface, by its own name. */
export const LANGUAGES = {
  ar: 'العربية',
  de: 'Deutsch',
  en: 'English',
  es: 'Español',
  fr: 'Français',
  ja: '日本語',
  zh: '简体中文',
} as const

export type Language = keyof typeof LANGUAGES

/** English is part of every page and is what the others fall back to; they are loaded when they are wanted. */
const CATALOGUES: Record<Language, () => Promise<{ default: Catalogue }>> = {
  ar: () => import('./ar'),
  de: () => import('./de'),
  en: async () => ({ default: en }),
  es: () => import('./es'),
  fr: () => import('./fr'),
  ja: () => import('./ja'),
  zh: () => import('./zh'),
}

interface Spoken extends Grammar {
  readonly language: Language
  /** For Intl: the language as this user writes it, such as en-GB. */
  readonly locale: string
  readonly messages: Catalogue
}

function speaking(language: Language, messages: Catalogue): Spoken {
  const locale = wanted().find((tag) => baseOf(tag) === language) ?? language
  const plural = new Intl.PluralRules(language)
  return { language, locale, messages, plural, number: new Intl.NumberFormat(locale) }
}

const wanted = (): readonly string[] => globalThis.navigator?.languages ?? []
const baseOf = (tag: string) => tag.toLowerCase().split('-')[0] ?? ''
const isLanguage = (name: string): name is Language => Object.hasOwn(LANGUAGES, name)

const spoken = signal<Spoken>(speaking('en', en))

export const language = computed(() => spoken.value.language)
/** For Intl. */
export const locale = computed(() => spoken.value.locale)
export const direction = computed(() => (language.value === 'ar' ? 'rtl' : 'ltr'))

/** The first language of the browser's list that there is. */
export const browserLanguage = (): Language => wanted().map(baseOf).find(isLanguage) ?? 'en'

/** Speaks a language from now on. One that cannot be loaded leaves things as they are. */
export async function speak(next: Language): Promise<void> {
  const loaded = await CATALOGUES[next]().catch(() => null)
  if (!loaded) return
  spoken.value = speaking(next, loaded.default)
  document.documentElement.lang = next === 'zh' ? 'zh-Hans' : next
  document.documentElement.dir = direction.value
}

type Needed<M extends Message> = [ParameterNames<M>] extends [never]
  ? []
  : [parameters: Readonly<Record<ParameterNames<M>, string | number>>]

/** A text of the interface in the language spoken now. Whoever renders it renders again when that changes. */
export function t<K extends Key>(key: K, ...[parameters]: Needed<English[K]>): string {
  const { messages } = spoken.value
  return write(messages[key], (parameters ?? {}) as Parameters, spoken.value)
}

/**
 * The texts of a part of the interface that is loaded when it is used, so that pages stay small. They follow the language; until
 * that is loaded they are English.
 */
export function textsOf<const E extends Readonly<Record<string, Message>>>(
  english: E,
  others: Record<Exclude<Language, 'en'>, () => Promise<{ default: CatalogueOf<E> }>>,
) {
  const messages = signal<CatalogueOf<E>>(english)
  effect(() => {
    const wanted = language.value
    if (wanted === 'en') messages.value = english
    else {
      void others[wanted]().then((loaded) => {
        if (language.peek() === wanted) messages.value = loaded.default
      })
    }
  })
  return <K extends keyof E>(key: K, ...[parameters]: Needed<E[K]>): string =>
    write(messages.value[key], (parameters ?? {}) as Parameters, spoken.value)
}
