import { textsOf } from '../../i18n'
import { en } from './texts/en'

/** What is said in place of a document that cannot be opened, in the language spoken now. */
export const n = textsOf(en, {
  ar: () => import('./texts/ar'),
  de: () => import('./texts/de'),
  es: () => import('./texts/es'),
  fr: () => import('./texts/fr'),
  ja: () => import('./texts/ja'),
  zh: () => import('./texts/zh'),
})
