import { textsOf } from '../../i18n'
import { en } from './texts/en'

/** The texts for those who look after the server, in the language spoken now. */
export const a = textsOf(en, {
  ar: () => import('./texts/ar'),
  de: () => import('./texts/de'),
  es: () => import('./texts/es'),
  fr: () => import('./texts/fr'),
  ja: () => import('./texts/ja'),
  zh: () => import('./texts/zh'),
})
