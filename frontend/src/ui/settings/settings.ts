import { effect, signal } from '@preact/signals'
import { browserLanguage, LANGUAGES, type Language, speak } from '../../i18n'

export type Theme = 'auto' | 'light' | 'dark'

/** What the user has chosen on this device. */
export interface Settings {
  readonly language: Language | 'auto'
  readonly theme: Theme
}

const DEFAULTS: Settings = { language: 'auto', theme: 'auto' }
const KEY = 'quire:settings'

/** Each setting as it was kept, if that is still one of the choices. */
function recall(): Settings {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Settings>
    const language =
      kept.language && Object.hasOwn(LANGUAGES, kept.language) ? kept.language : 'auto'
    const theme = kept.theme === 'light' || kept.theme === 'dark' ? kept.theme : 'auto'
    return { language, theme }
  } catch {
    return DEFAULTS
  }
}

export const settings = signal<Settings>(recall())

export function choose(change: Partial<Settings>): void {
  settings.value = { ...settings.value, ...change }
  try {
    localStorage.setItem(KEY, JSON.stringify(settings.value))
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  if (change.language) void speakChosen()
}

const speakChosen = (): Promise<void> => {
  const { language } = settings.value
  return speak(language === 'auto' ? browserLanguage() : language)
}

/** Puts the settings into effect. Done when the page can be shown in the chosen language. */
export function settle(): Promise<void> {
  effect(() => {
    const { theme } = settings.value
    document.documentElement.style.colorScheme = theme === 'auto' ? '' : theme
  })
  return speakChosen()
}
