import { useEffect, useRef } from 'preact/hooks'
import { NextIcon, PauseIcon, PlayIcon, PreviousIcon } from './icons'
import type { Base, ChangesView, Past } from './past'
import { moment } from './people'
import { type Player, SPEEDS } from './player'
import { h } from './texts'

interface Props {
  past: Past
  player: Player
}

/** What moves through time. */
export function Controls({ past, player }: Props) {
  const playing = player.playing.value
  const stopping = (act: () => void) => () => {
    player.stop()
    act()
  }
  return (
    <footer class="history-controls">
      <Scrubber past={past} player={player} />
      <div class="row">
        <Step name={h('previous')} act={stopping(() => past.previousEdit())} Icon={PreviousIcon} />
        <Step
          name={playing ? h('pause') : h('play')}
          act={() => player.toggle()}
          Icon={playing ? PauseIcon : PlayIcon}
        />
        <Step name={h('next')} act={stopping(() => past.nextEdit())} Icon={NextIcon} />
        <label>
          <span class="unseen">{h('speed')}</span>
          <select
            value={player.speed.value}
            title={h('speed')}
            onChange={(event) => {
              player.speed.value = Number(event.currentTarget.value)
            }}
          >
            {SPEEDS.map((speed) => (
              <option key={speed} value={speed}>
                ×{speed}
              </option>
            ))}
          </select>
        </label>
        <Jump past={past} player={player} />
        <span class="space" />
        <Compare past={past} />
        <label class="field">
          <span>{h('show')}</span>
          <select
            value={past.view.value}
            onChange={(event) => past.look(event.currentTarget.value as ChangesView)}
          >
            {(['none', 'inline', 'beside'] as const).map((view) => (
              <option key={view} value={view}>
                {h(`show.${view}`)}
              </option>
            ))}
          </select>
        </label>
        <label class="tick">
          <input
            type="checkbox"
            checked={past.colours.value}
            onChange={(event) => past.colour(event.currentTarget.checked)}
          />
          {h('colours')}
        </label>
      </div>
    </footer>
  )
}

interface StepProps {
  name: string
  act: () => void
  Icon: () => preact.JSX.Element
}

function Step({ name, act, Icon }: StepProps) {
  return (
    <button type="button" class="plain" aria-label={name} title={name} onClick={act}>
      <Icon />
    </button>
  )
}

/** The whole history as a line: who was at work where, the named versions, and the moment that is shown. */
function Scrubber({ past, player }: Props) {
  const overview = past.overview.value
  const first = Math.max(overview?.first ?? 0, 1)
  const last = Math.max(past.head.value, first)
  const cast = past.cast.value
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // The arrow keys move through time at once, unless the user has gone elsewhere.
    if (document.activeElement?.closest('.history > header')) field.current?.focus()
  }, [])
  const edit = past.shown.value?.edit
  const said = edit && h('byAt', { person: cast.name(edit.person), time: moment(edit.ended) })
  return (
    <div class="scrubber">
      <Marks past={past} />
      <input
        type="range"
        ref={field}
        aria-label={h('slider')}
        aria-valuetext={said}
        min={first}
        max={last}
        value={past.wanted.value}
        onInput={(event) => {
          player.stop()
          past.go(Number(event.currentTarget.value))
        }}
      />
    </div>
  )
}

/** Who was at work where, and the named versions. Drawn apart from the slider, which moves all the time. */
function Marks({ past }: { past: Past }) {
  const overview = past.overview.value
  const cast = past.cast.value
  const first = Math.max(overview?.first ?? 0, 1)
  const last = Math.max(past.head.value, first)
  const share = (revision: number) => (revision - first) / Math.max(last - first, 1)
  return (
    <>
      <div class="strip" aria-hidden="true" style={`--drawn:${share(overview?.revision ?? last)}`}>
        {overview?.bars.map(({ person, changes }, index) => (
          <i key={index} style={`--person:${cast.color(person)};flex-grow:${changes}`} />
        ))}
      </div>
      <div class="flags" aria-hidden="true">
        {overview?.versions.map(({ id, revision, name }) => (
          <b key={id} title={name} style={`inset-inline-start:${100 * share(revision)}%`} />
        ))}
      </div>
    </>
  )
}

/** Goes to a date and a time of day. */
function Jump({ past, player }: Props) {
  const field = useRef<HTMLInputElement>(null)
  const at = past.time.value
  return (
    <label class="field jump">
      <span>{h('jump')}</span>
      <input
        ref={field}
        type="datetime-local"
        value={localTime(at)}
        onChange={(event) => {
          const time = new Date(event.currentTarget.value).getTime()
          if (Number.isNaN(time)) return
          player.stop()
          // The whole of the minute counts.
          void past.goToTime(time + 59_999)
        }}
      />
    </label>
  )
}

/** A moment as the browser's field for it reads it. */
function localTime(time: number): string {
  const date = new Date(time)
  const local = new Date(time - date.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}

function Compare({ past }: { past: Past }) {
  const { chosen, base, overview, head } = past
  const first = Math.max(overview.value?.first ?? 0, 1)
  const choices: [Base, string][] = [
    ['before', h('compare.before')],
    [first, h('compare.start')],
    [head.value, h('compare.now')],
  ]
  if (chosen.value) {
    const { revision, time } = chosen.value
    choices.push([revision, h('compare.point', { time: moment(time) })])
  }
  for (const { revision, name } of overview.value?.versions ?? []) choices.push([revision, name])
  return (
    <label class="field">
      <span>{h('compare')}</span>
      <select
        value={String(base.value)}
        onChange={(event) => {
          const { value } = event.currentTarget
          past.compareWith(value === 'before' ? value : Number(value))
        }}
      >
        {choices.map(([value, name]) => (
          <option key={name} value={String(value)}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
