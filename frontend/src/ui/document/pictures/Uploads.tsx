import { t } from '../../../i18n'
import type { Pictures } from './pictures'

/** How far pictures on their way are. */
export function Uploads({ pictures }: { pictures: Pictures }) {
  return (
    <>
      {pictures.uploads.value.map(({ name, part, sending }, index) => {
        const words = t('image.adding', { name, percent: Math.round(part * 100) })
        return (
          <div class="upload" key={`${index} ${name}`}>
            <progress value={part} aria-label={words} />
            <span>{words}</span>
            <button type="button" class="link" onClick={() => sending.cancel()}>
              {t('image.cancel')}
            </button>
          </div>
        )
      })}
    </>
  )
}
