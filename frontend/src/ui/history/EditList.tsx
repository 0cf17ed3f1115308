import { useComputed } from '@preact/signals'
import type { Edit } from './api'
import type { Past } from './past'
import { period } from './people'
import { h } from './texts'

/** What was done, the newest first. */
export function EditList({ past }: { past: Past }) {
  const older = past.older.value
  const first = past.overview.value?.first ?? 0
  return (
    <section class="edits" aria-label={h('edits')}>
      <h3>{h('edits')}</h3>
      <ul>
        {past.edits.value.map((edit) => (
          <Item key={edit.from} past={past} edit={edit} />
        ))}
      </ul>
      {older !== undefined && (
        <button type="button" class="button" onClick={() => past.loadOlder()}>
          {h('more')}
        </button>
      )}
      {older === undefined && first > 0 && <p class="faint">{h('oldest')}</p>}
    </section>
  )
}

function Item({ past, edit }: { past: Past; edit: Edit }) {
  const cast = past.cast.value
  // All but two of them stay as they are when another moment is shown.
  const current = useComputed(() => past.shown.value?.edit?.from === edit.from).value
  const person = cast.name(edit.person)
  return (
    <li class="edit" data-current={current ? '' : undefined}>
      <button
        type="button"
        aria-current={current ? 'true' : undefined}
        onClick={() => past.go(edit.to)}
      >
        <span class="person" style={`--person:${cast.color(edit.person)}`}>
          {person}
        </span>
        <span class="faint">{period(edit.began, edit.ended)}</span>
        <span class="faint">
          {edit.restores ? `${h('restores')} ` : ''}
          {h('counts', { count: edit.changes })} <ins>{h('added', { count: edit.added })}</ins>{' '}
          <del>{h('removed', { count: edit.removed })}</del>
        </span>
      </button>
      {current && (
        <div class="edit-tools">
          <button type="button" class="link" onClick={() => past.proposeUndo(edit, edit.to)}>
            {h('undo.edit')}
          </button>
          <button
            type="button"
            class="link"
            onClick={() => past.proposeUndo(edit, past.head.value)}
          >
            {h('undo.since', { person })}
          </button>
        </div>
      )}
    </li>
  )
}
