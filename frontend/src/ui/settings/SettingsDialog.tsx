import type { ComponentChildren } from 'preact'
import { browserLanguage, LANGUAGES, locale, t } from '../../i18n'
import { Dialog } from '../Dialog'
import { choose, type Settings, settings, TEXT_SIZES } from './settings'

/** What the user may choose on this device. */
export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { spellCheck } = settings.value
  const percent = new Intl.NumberFormat(locale.value, {
    style: 'percent',
    maximumFractionDigits: 1,
  })
  const auto = t('settings.language.auto', { language: LANGUAGES[browserLanguage()] })
  return (
    <Dialog title={t('settings.title')} onClose={onClose}>
      <Choice name={t('settings.language')} setting="language">
        <option value="auto">{auto}</option>
        {Object.entries(LANGUAGES).map(([language, name]) => (
          <option key={language} value={language} lang={language}>
            {name}
          </option>
        ))}
      </Choice>
      <Choice name={t('settings.theme')} setting="theme">
        {(['auto', 'light', 'dark'] as const).map((theme) => (
          <option key={theme} value={theme}>
            {t(`settings.theme.${theme}`)}
          </option>
        ))}
      </Choice>
      <Choice name={t('settings.textSize')} setting="textSize">
        {TEXT_SIZES.map((size) => (
          <option key={size} value={size}>
            {percent.format(size / 100)}
          </option>
        ))}
      </Choice>
      <Choice name={t('settings.keymap')} setting="keymap">
        {(['usual', 'vim'] as const).map((keymap) => (
          <option key={keymap} value={keymap}>
            {t(`settings.keymap.${keymap}`)}
          </option>
        ))}
      </Choice>
      <Choice name={t('settings.announcements')} setting="announcements">
        {(['off', 'near', 'all'] as const).map((level) => (
          <option key={level} value={level}>
            {t(`settings.announcements.${level}`)}
          </option>
        ))}
      </Choice>
      <label class="tick">
        <input
          type="checkbox"
          checked={spellCheck}
          onChange={() => choose({ spellCheck: !spellCheck })}
        />
        {t('settings.spellCheck')}
      </label>
      <p class="hint">{t('settings.hint')}</p>
    </Dialog>
  )
}

interface ChoiceProps {
  name: string
  setting: 'language' | 'theme' | 'textSize' | 'keymap' | 'announcements'
  children: ComponentChildren
}

function Choice({ name, setting, children }: ChoiceProps) {
  return (
    <label class="field">
      {name}
      <select
        value={String(settings.value[setting])}
        onChange={(event) => {
          const { value } = event.currentTarget
          const chosen = setting === 'textSize' ? Number(value) : value
          choose({ [setting]: chosen } as Partial<Settings>)
        }}
      >
        {children}
      </select>
    </label>
  )
}
