import { useRef } from 'preact/hooks'
import type { RichEditor } from '../../editor/prosemirror'
import { INKS, type Ink, WASHES, type Wash } from '../../editor/prosemirror/palette'
import { t } from '../../i18n'
import { ColourIcon } from '../icons'
import { Button } from './tools'

/** The colours of text and of what is behind it. */
export function Colours({ editor }: { editor: RichEditor }) {
  const card = useRef<HTMLDivElement>(null)
  const { color, background } = editor.formats.value
  const give = (key: 'color' | 'background', value: string | null) => {
    card.current?.hidePopover()
    editor.colour(key, value)
  }
  return (
    <>
      <Button
        name={t('toolbar.colour')}
        Icon={ColourIcon}
        pressed={color !== null || background !== null}
        onPress={() => card.current?.showPopover()}
      />
      <div class="card colours" popover="auto" ref={card}>
        <fieldset>
          <legend>{t('toolbar.textColour')}</legend>
          <None chosen={color === null} onPress={() => give('color', null)} />
          {(Object.keys(INKS) as Ink[]).map((ink) => (
            <button
              key={ink}
              type="button"
              class="colour"
              style={{ color: `var(--ink-${ink})` }}
              aria-label={t(`colour.${ink}`)}
              title={t(`colour.${ink}`)}
              aria-pressed={color === INKS[ink]}
              onClick={() => give('color', INKS[ink])}
            >
              <span aria-hidden="true">A</span>
            </button>
          ))}
        </fieldset>
        <fieldset>
          <legend>{t('toolbar.highlight')}</legend>
          <None chosen={background === null} onPress={() => give('background', null)} />
          {(Object.keys(WASHES) as Wash[]).map((wash) => (
            <button
              key={wash}
              type="button"
              class="colour"
              style={{ background: `var(--wash-${wash})` }}
              aria-label={t(`colour.${wash}`)}
              title={t(`colour.${wash}`)}
              aria-pressed={background === WASHES[wash]}
              onClick={() => give('background', WASHES[wash])}
            >
              <span aria-hidden="true">A</span>
            </button>
          ))}
        </fieldset>
      </div>
    </>
  )
}

const None = ({ chosen, onPress }: { chosen: boolean; onPress: () => void }) => (
  <button type="button" class="colour none" aria-pressed={chosen} onClick={onPress}>
    {t('toolbar.noColour')}
  </button>
)
