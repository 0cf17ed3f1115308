import { useEffect, useRef, useState } from 'preact/hooks'
import { locale } from '../../i18n'
import { inWords } from '../when'
import type { Link, LinkRole } from './api'
import type { Sharing } from './sharing'
import { s } from './texts'

/** The document's links, and how to make another. */
export function Links({ sharing }: { sharing: Sharing }) {
  const [making, setMaking] = useState(false)
  const links = sharing.links.value
  const useless = sharing.rolesOfLinks.value.length === 0
  return (
    <section class="links">
      <h3>{s('links')}</h3>
      <p class="hint">{s(useless ? 'links.everyone' : 'links.why')}</p>
      {links.length > 0 && (
        <ul>
          {links.map((link) => (
            <Row key={link.id} link={link} onRevoke={() => void sharing.revoke(link)} />
          ))}
        </ul>
      )}
      {!useless && making && <LinkForm sharing={sharing} onDone={() => setMaking(false)} />}
      {!useless && !making && (
        <button type="button" class="button" onClick={() => setMaking(true)}>
          {s('links.new')}
        </button>
      )}
    </section>
  )
}

function Row({ link, onRevoke }: { link: Link; onRevoke: () => void }) {
  const name = link.label || s(`role.${link.role}`)
  return (
    <li data-works={link.works}>
      <span class="who">
        <bdi>{name}</bdi>
        <span class="hint">{factsOf(link).join(' · ')}</span>
      </span>
      <button
        type="button"
        class="button"
        aria-label={s('links.revokeThis', { label: name })}
        onClick={onRevoke}
      >
        {s('links.revoke')}
      </button>
    </li>
  )
}

/** What is to be known of a link, the most important first. */
function factsOf(link: Link): string[] {
  const { uses, maxUses, expires, lastUsed } = link
  const date = (time: number) => new Date(time).toLocaleDateString(locale.value)
  return [
    link.works ? '' : s('links.dead'),
    link.label ? s(`role.${link.role}`) : '',
    link.currentOnly ? s('links.currentShort') : '',
    link.password ? s('links.locked') : '',
    expires ? s('links.until', { date: date(expires) }) : '',
    maxUses ? s('links.usedOf', { uses, count: maxUses }) : s('links.used', { count: uses }),
    lastUsed ? s('links.last', { when: inWords(lastUsed, Date.now()) }) : '',
  ].filter((fact) => fact !== '')
}

function LinkForm({ sharing, onDone }: { sharing: Sharing; onDone: () => void }) {
  const roles = sharing.rolesOfLinks.value
  const [role, setRole] = useState<LinkRole>(roles[0] ?? 'editor')
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.querySelector('select')?.focus(), [])
  const make = async (event: SubmitEvent) => {
    event.preventDefault()
    const said = new FormData(event.currentTarget as HTMLFormElement)
    const text = (name: string) => String(said.get(name) ?? '').trim()
    const made = await sharing.makeLink({
      role,
      label: text('label'),
      password: text('password'),
      maxUses: Number(text('uses')),
      expires: endOf(text('expires')),
      currentOnly: said.has('current'),
    })
    if (made) onDone()
  }
  return (
    <form class="link-form" ref={form} onSubmit={make}>
      <label class="field">
        {s('links.role')}
        <select value={role} onChange={(event) => setRole(event.currentTarget.value as LinkRole)}>
          {roles.map((choice) => (
            <option key={choice} value={choice}>
              {s(`role.${choice}`)}
            </option>
          ))}
        </select>
      </label>
      <Field name="label" title={s('links.label')} maxLength={60} />
      <Field name="expires" title={s('links.expires')} type="date" min={today()} />
      <Field name="uses" title={s('links.uses')} type="number" min="1" max="1000000" />
      <Field name="password" title={s('password')} maxLength={60} autocomplete="off" />
      <label class="tick">
        <input type="checkbox" name="current" disabled={role === 'commenter'} />
        {s('links.current')}
      </label>
      <div class="buttons">
        <button type="submit" class="button primary">
          {s('links.make')}
        </button>
        <button type="button" class="button" onClick={onDone}>
          {s('cancel')}
        </button>
      </div>
    </form>
  )
}

interface FieldProps {
  name: string
  title: string
  type?: 'date' | 'number'
  min?: string
  max?: string
  maxLength?: number
  autocomplete?: 'off'
}

const Field = ({ title, ...field }: FieldProps) => (
  <label class="field">
    {title}
    <input {...field} />
  </label>
)

/** The user's day as fields for dates write it. */
function today(): string {
  const now = new Date()
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10)
}

/** The last moment of a day, in milliseconds since 1970; 0 for no day. */
const endOf = (day: string) => (day ? new Date(`${day}T23:59:59.999`).getTime() : 0)
