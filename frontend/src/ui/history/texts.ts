import { textsOf } from '../../i18n'
import { en } from './texts/en'

/** The texts of the history, in the language spoken now. */
export const h = textsOf(en, {
  ar: () => import('./texts/ar'),
  de: () => import('./texts/de'),
  es: () => import('./texts/es'),
  fr: () => import('./texts/fr'),
  ja: () => import('./texts/ja'),
  zh: () => import('./texts/zh'),
})
