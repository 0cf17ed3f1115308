import { textsOf } from '../../i18n'
import { en } from './texts/en'

/** The texts of embedding, in the language spoken now. */
export const e = textsOf(en, {
  ar: () => import('./texts/ar'),
  de: () => import('./texts/de'),
  es: () => import('./texts/es'),
  fr: () => import('./texts/fr'),
  ja: () => import('./texts/ja'),
  zh: () => import('./texts/zh'),
})
