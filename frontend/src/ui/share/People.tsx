import { t } from '../../i18n'
import { COLORS, initials, me as myself } from '../person'
import type { Access, Role, SharedWith } from './api'
import type { Sharing } from './sharing'
import { s } from './texts'

const ROLES: readonly Role[] = ['viewer', 'commenter', 'editor', 'owner']

/** Those who have a role of their own. Who created the document stays its owner. */
export function People({ sharing, access }: { sharing: Sharing; access: Access }) {
  const people = sharing.people.value
  const candidates = sharing.candidates.value
  return (
    <section class="with-roles">
      <h3>{s('people')}</h3>
      <ul>
        {people.map((shared, n) => (
          <Row
            key={shared.person}
            shared={shared}
            isMe={shared.person === access.me}
            isCreator={n === 0 && shared.role === 'owner'}
            sharing={sharing}
          />
        ))}
      </ul>
      {candidates.length > 0 && (
        <label class="field">
          {s('people.add')}
          <select
            value=""
            onChange={(event) => void sharing.setRole(event.currentTarget.value, 'editor')}
          >
            <option value="">{s('people.choose')}</option>
            {candidates.map(({ person, name }) => (
              <option key={person} value={person}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
    </section>
  )
}

interface RowProps {
  shared: SharedWith
  isMe: boolean
  isCreator: boolean
  sharing: Sharing
}

function Row({ shared, isMe, isCreator, sharing }: RowProps) {
  const { person, role } = shared
  const { name, color } = isMe ? myself.value : nameable(shared)
  return (
    <li>
      <span
        class="avatar"
        style={{ '--person': color }}
        data-initials={initials(name)}
        aria-hidden="true"
      />
      <span class="who">{isMe ? t('people.you', { name }) : name}</span>
      {isCreator ? (
        <span class="hint">{s('role.owner')}</span>
      ) : (
        <select
          aria-label={s('people.role', { name })}
          value={role}
          onChange={(event) => {
            const chosen = event.currentTarget.value
            void sharing.setRole(person, chosen ? (chosen as Role) : null)
          }}
        >
          {ROLES.map((choice) => (
            <option key={choice} value={choice}>
              {s(`role.${choice}`)}
            </option>
          ))}
          <option value="">{s('people.none')}</option>
        </select>
      )}
    </li>
  )
}

const nameable = ({ name, color }: SharedWith) => ({
  name: name || t('people.someone'),
  color: color || COLORS[0],
})
