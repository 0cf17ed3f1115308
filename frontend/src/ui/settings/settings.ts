import { effect, signal } from '@preact/signals'
import type { Indent } from '../../editor/codemirror/options'
import { browserLanguage, LANGUAGES, type Language, speak } from '../../i18n'

export type Theme = 'auto' | 'light' | 'dark'
/** What of a Markdown document is shown: its source, how it reads, or both. */
export type MarkdownView = 'write' | 'split' | 'read'

/** What the user has chosen on this device. */
export interface Settings {
  readonly language: Language | 'auto'
  readonly theme: Theme
  readonly markdownView: MarkdownView
  readonly wrap: boolean
  readonly indent: Indent
  readonly spellCheck: boolean
  readonly keymap: 'usual' | 'vim'
  /** Per cent of the browser's own. */
  readonly textSize: number
  /** What screen readers are told of others. */
  readonly announcements: 'off' | 'near' | 'all'
  readonly hideReaders: boolean
}

export const TEXT_SIZES = [87.5, 100, 112.5, 125, 150]

const DEFAULTS: Settings = {
  language: 'auto',
  theme: 'auto',
  markdownView: 'split',
  wrap: false,
  indent: 'auto',
  spellCheck: true,
  keymap: 'usual',
  textSize: 100,
  announcements: 'near',
  hideReaders: false,
}

/** The values that a setting may have, where its type alone does not say. */
export const CHOICES: { readonly [K in keyof Settings]?: readonly Settings[K][] } = {
  language: ['auto', ...(Object.keys(LANGUAGES) as Language[])],
  theme: ['auto', 'light', 'dark'],
  markdownView: ['write', 'split', 'read'],
  indent: ['auto', 'tab', 2, 4, 8],
  keymap: ['usual', 'vim'],
  textSize: TEXT_SIZES,
  announcements: ['off', 'near', 'all'],
}

const KEY = 'quire:settings'

function isChoice(key: string, value: unknown): boolean {
  if (!Object.hasOwn(DEFAULTS, key)) return false
  const choices: readonly unknown[] | undefined = CHOICES[key as keyof Settings]
  return choices?.includes(value) ?? typeof value === typeof DEFAULTS[key as keyof Settings]
}

/** Each setting as it was kept, if that is still one of the choices. */
function recall(): Settings {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Settings>
    const valid = Object.entries(kept).filter(([key, value]) => isChoice(key, value))
    return { ...DEFAULTS, ...Object.fromEntries(valid) }
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
    const { theme, textSize } = settings.value
    const { style } = document.documentElement
    style.colorScheme = theme === 'auto' ? '' : theme
    style.fontSize = textSize === 100 ? '' : `${textSize}%`
  })
  return speakChosen()
}
