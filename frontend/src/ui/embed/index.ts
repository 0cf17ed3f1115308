import './embed.css'
import { speak } from '../../i18n'
import type { Standing } from '../../sync/wire'
import type { DocumentPage } from '../document/page'
import { CHOICES, type Settings, settings } from '../settings/settings'

/** How much is shown around the text. */
const CHROME = ['full', 'compact', 'none']

/** What those who only read may do at most. */
const READING = ['read', 'history', 'messages']

/** What the page that shows this frame asks for, in the frame's address: nothing of it gives rights. */
const wanted = new URLSearchParams(location.search)

/** Dresses the page as its host wants it. The user's own settings stay as they are. */
export async function dress(): Promise<void> {
  const { dataset } = document.documentElement
  const chrome = wanted.get('ui') ?? ''
  dataset.embedded = CHROME.includes(chrome) ? chrome : 'full'
  settings.value = { ...settings.value, ...chosen('theme', 'theme'), ...chosen('language', 'lang') }
  const { language } = settings.value
  if (language !== 'auto') await speak(language)
}

function chosen<K extends keyof Settings>(setting: K, parameter: string): Partial<Settings> {
  const value = wanted.get(parameter)
  const choices: readonly unknown[] = CHOICES[setting] ?? []
  return choices.includes(value) ? { [setting]: value } : {}
}

/** Takes the right to change anything, if the host says so. */
export function restrain(page: DocumentPage): void {
  if (!wanted.has('readonly') || wanted.get('readonly') === 'false') return
  page.session.document.restrain = reading
}

const reading = ({ may }: Standing): Standing => ({
  role: 'viewer',
  may: may.filter((action) => READING.includes(action)),
})
