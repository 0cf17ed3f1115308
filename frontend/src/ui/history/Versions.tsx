import { BinIcon, PenIcon } from './icons'
import type { Past } from './past'
import { moment } from './people'
import { h } from './texts'

/** The moments that people gave names. */
export function Versions({ past }: { past: Past }) {
  const overview = past.overview.value
  const versions = overview?.versions ?? []
  return (
    <section class="versions" aria-label={h('versions')}>
      <h3>{h('versions')}</h3>
      {versions.length === 0 && <p class="faint">{h('versions.none')}</p>}
      <ul>
        {versions.map((version) => (
          <li key={version.id}>
            <button type="button" onClick={() => past.go(version.revision)}>
              <span>{version.name}</span>
              <span class="faint">{moment(version.at)}</span>
            </button>
            {(version.person === overview?.me || overview?.owner) && (
              <>
                <button
                  type="button"
                  class="plain"
                  aria-label={h('versions.rename', { name: version.name })}
                  onClick={() => {
                    past.asking.value = { what: 'rename', version }
                  }}
                >
                  <PenIcon />
                </button>
                <button
                  type="button"
                  class="plain"
                  aria-label={h('versions.delete', { name: version.name })}
                  onClick={() => past.forget(version)}
                >
                  <BinIcon />
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
