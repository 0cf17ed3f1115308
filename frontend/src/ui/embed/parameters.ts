import './embed.css'
import { type Parameters as Given, isFields, PARAMETERS } from '../../embed/messages'
import { speak } from '../../i18n'
import { CHOICES, type Settings, settings } from '../settings/settings'
import { accentOf } from './accent'

/** How much is shown around the text. */
const CHROME = ['full', 'compact', 'none']

/** What a host says to take back what it said before. */
const UNSET = 'default'

/** What the page that shows this frame asks for, in the frame's address or over the channel: nothing of it gives rights. */
export class Parameters {
  private said: Given = fromAddress()
  /** The address is not to be overruled: whoever wrote it may be somebody else than who wrote the page's script. */
  private readonly readOnlyByAddress = isOn(this.said.readonly)
  private readOnlyByScript = false

  get readOnly(): boolean {
    return this.readOnlyByAddress || this.readOnlyByScript || isOn(this.said.readonly)
  }

  get autofocus(): boolean {
    return isOn(this.said.autofocus)
  }

  /** Where to go at the start; '' for nowhere. */
  get jump(): string {
    return value(this.said.jump)
  }

  get lines(): boolean {
    return isOn(this.said.lines)
  }

  get fits(): boolean {
    return this.said.resize === 'auto'
  }

  /** Whether the host wants to hear of something that it is not told otherwise. */
  observes(what: 'selection' | 'text' | 'navigate'): boolean {
    return value(this.said.observe)
      .split(/[\s,]+/)
      .includes(what)
  }

  setReadOnly(readOnly: boolean): void {
    this.readOnlyByScript = readOnly
  }

  /** Takes what a host says, as far as it means something. */
  take(said: unknown): void {
    if (!isFields(said)) return
    const known = PARAMETERS.filter((name) => typeof said[name] === 'string')
    this.said = { ...this.said, ...Object.fromEntries(known.map((name) => [name, said[name]])) }
  }

  /** Dresses the page as its host wants it. The user's own settings stay as they are. */
  async dress(): Promise<void> {
    const { dataset, style } = document.documentElement
    const { ui = '', font = '', accent = '', lang = '', dir = '', theme = '' } = this.said
    dataset.embedded = CHROME.includes(ui) ? ui : 'full'
    dataset.font = font
    dataset.resize = this.fits ? 'auto' : ''
    dataset.lines = value(this.said.lines)
    const colors = accentOf(accent)
    for (const name of ['--accent', '--accent-text']) {
      style.setProperty(name, colors && `light-dark(${colors.light}, ${colors.dark})`)
    }
    const soft = 'color-mix(in srgb, var(--accent) 12%, var(--surface))'
    style.setProperty('--accent-soft', colors && soft)
    settings.value = {
      ...settings.value,
      ...chosen('theme', theme),
      ...chosen('language', lang.toLowerCase().split('-')[0]),
    }
    const { language } = settings.value
    if (language !== 'auto') await speak(language)
    if (dir === 'rtl' || dir === 'ltr') document.documentElement.dir = dir
  }
}

function fromAddress(): Given {
  const said = new URLSearchParams(location.search)
  const known = PARAMETERS.filter((name) => said.has(name))
  return Object.fromEntries(known.map((name) => [name, said.get(name) ?? '']))
}

const value = (said = '') => (said === UNSET ? '' : said)

/** An attribute that is there counts, as in HTML; one that says otherwise does not. */
const isOn = (said: string | undefined) => said !== undefined && said !== UNSET && said !== 'false'

function chosen<K extends keyof Settings>(setting: K, wanted: unknown): Partial<Settings> {
  const choices: readonly unknown[] = CHOICES[setting] ?? []
  return choices.includes(wanted) ? { [setting]: wanted } : {}
}
