import { useRef } from 'preact/hooks'
import { browserLanguage, LANGUAGES, t } from '../../i18n'
import { CloseIcon, SettingsIcon } from '../icons'
import { choose, type Settings, settings } from './settings'

/** The button that opens the settings, and they. */
export function SettingsButton() {
  const dialog = useRef<HTMLDialogElement>(null)
  return (
    <>
      <button
        type="button"
        class="plain"
        aria-label={t('settings.title')}
        title={t('settings.title')}
        onClick={() => dialog.current?.showModal()}
      >
        <SettingsIcon />
      </button>
      <dialog ref={dialog} class="dialog" aria-labelledby="settings-title" closedby="any">
        <header>
          <h2 id="settings-title">{t('settings.title')}</h2>
          <button
            type="button"
            class="plain"
            aria-label={t('settings.close')}
            onClick={() => dialog.current?.close()}
          >
            <CloseIcon />
          </button>
        </header>
        <LanguageChoice />
        <ThemeChoice />
        <p class="hint">{t('settings.hint')}</p>
      </dialog>
    </>
  )
}

function LanguageChoice() {
  const auto = t('settings.language.auto', { language: LANGUAGES[browserLanguage()] })
  return (
    <label class="field">
      {t('settings.language')}
      <select
        value={settings.value.language}
        onChange={(event) =>
          choose({ language: event.currentTarget.value as Settings['language'] })
        }
      >
        <option value="auto">{auto}</option>
        {Object.entries(LANGUAGES).map(([language, name]) => (
          <option key={language} value={language} lang={language}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

function ThemeChoice() {
  return (
    <label class="field">
      {t('settings.theme')}
      <select
        value={settings.value.theme}
        onChange={(event) => choose({ theme: event.currentTarget.value as Settings['theme'] })}
      >
        {(['auto', 'light', 'dark'] as const).map((theme) => (
          <option key={theme} value={theme}>
            {t(`settings.theme.${theme}`)}
          </option>
        ))}
      </select>
    </label>
  )
}
