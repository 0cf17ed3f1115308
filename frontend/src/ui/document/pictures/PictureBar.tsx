import type { RichEditor } from '../../../editor/prosemirror'
import type { ShownPicture } from '../../../editor/prosemirror/picture'
import { t } from '../../../i18n'

/** By how much the buttons make a picture larger or smaller, and how small it may become, in pixels. */
const STEP = 1.25
const LEAST = 16

/** What can be done with the picture that is selected in rich text. */
export function PictureBar({ editor, shown }: { editor: RichEditor; shown: ShownPicture }) {
  const resize = (width: number) => {
    if (!(width >= LEAST)) return
    const height = (width * shown.height) / shown.width
    editor.setPicture({ width: String(Math.round(width)), height: String(Math.round(height)) })
  }
  return (
    <fieldset class="picture-bar" aria-label={t('toolbar.image')}>
      <label class="description">
        {t('image.text')}
        <input
          value={shown.alt}
          dir="auto"
          maxLength={300}
          onChange={(event) => editor.setPicture({ alt: event.currentTarget.value.trim() || null })}
        />
      </label>
      <label>
        {t('image.width')}
        <input
          type="number"
          min={LEAST}
          max={4000}
          value={Math.round(shown.width)}
          onChange={(event) => resize(event.currentTarget.valueAsNumber)}
        />
      </label>
      <p class="actions">
        <button type="button" class="button" onClick={() => resize(shown.width / STEP)}>
          {t('image.smaller')}
        </button>
        <button type="button" class="button" onClick={() => resize(shown.width * STEP)}>
          {t('image.larger')}
        </button>
        <button type="button" class="button" onClick={() => editor.removePicture()}>
          {t('image.remove')}
        </button>
        <button type="button" class="button" onClick={() => editor.focus()}>
          {t('image.close')}
        </button>
      </p>
    </fieldset>
  )
}
