import { useEffect, useRef, useState } from 'preact/hooks'
import { locale } from '../../i18n'
import { inWords } from '../when'
import {
  listTokens,
  makeToken,
  Refused,
  revokeToken,
  type Token,
  type TokenRequest,
  type TokenRole,
} from './api'
import { a } from './texts'

const ROLES: readonly TokenRole[] = ['viewer', 'editor', 'owner']

/** The tokens by which programs are let in. */
export function Tokens() {
  const [tokens, setTokens] = useState<readonly Token[] | null>(null)
  const [problem, setProblem] = useState('')
  const [making, setMaking] = useState(false)
  const [made, setMade] = useState<Token | null>(null)
  const [asked, setAsked] = useState<Token | null>(null)
  const attempt = async (act: () => Promise<void>) => {
    setProblem('')
    try {
      await act()
      setTokens(await listTokens())
    } catch (error) {
      setProblem(sentenceFor(error as Error))
    }
  }
  useEffect(() => void attempt(async () => {}), [])
  const make = (wanted: TokenRequest) =>
    attempt(async () => {
      setMade(await makeToken(wanted))
      setMaking(false)
    })
  const revoke = (token: Token) =>
    attempt(async () => {
      setAsked(null)
      if (made?.id === token.id) setMade(null)
      await revokeToken(token.id)
    })
  return (
    <section>
      <h3>{a('tokens')}</h3>
      <p class="hint">{a('tokensHint')}</p>
      {tokens === null && !problem && <p aria-busy="true">{a('loading')}</p>}
      {tokens?.length === 0 && <p class="hint">{a('none')}</p>}
      <ul>
        {tokens?.map((token) => (
          <li key={token.id}>
            <span class="who">
              <bdi>{token.name}</bdi>
              <span class="hint">{factsOf(token).join(' · ')}</span>
            </span>
            {asked?.id === token.id ? (
              <Question
                token={token}
                onYes={() => void revoke(token)}
                onNo={() => setAsked(null)}
              />
            ) : (
              <button
                type="button"
                class="button"
                aria-label={a('revokeThis', { name: token.name })}
                onClick={() => setAsked(token)}
              >
                {a('revoke')}
              </button>
            )}
          </li>
        ))}
      </ul>
      {made && <Made token={made} />}
      <p class="problem" role="alert">
        {problem}
      </p>
      {making ? (
        <TokenForm onMake={make} onCancel={() => setMaking(false)} />
      ) : (
        <button type="button" class="button" onClick={() => setMaking(true)}>
          {a('new')}
        </button>
      )}
    </section>
  )
}

function sentenceFor(error: Error): string {
  if (error instanceof Refused && error.status === 400) return a('bad')
  if (error instanceof Refused && error.status === 422) return a('many')
  return error.message
}

function Question(props: { token: Token; onYes: () => void; onNo: () => void }) {
  const yes = useRef<HTMLButtonElement>(null)
  useEffect(() => yes.current?.focus(), [])
  return (
    <div class="asked">
      <p>{a('revokeAsk', { name: props.token.name })}</p>
      <div class="buttons">
        <button ref={yes} type="button" class="button primary" onClick={props.onYes}>
          {a('revoke')}
        </button>
        <button type="button" class="button" onClick={props.onNo}>
          {a('cancel')}
        </button>
      </div>
    </div>
  )
}

/** What is to be known of a token, the most important first. */
function factsOf({ scope, at, expires }: Token): string[] {
  const date = (time: number) => new Date(time).toLocaleDateString(locale.value)
  return [
    a(`role.${scope.role}`),
    scope.documents?.join(', ') || a('allDocuments'),
    expires ? a('until', { date: date(expires) }) : a('never'),
    a('made', { when: inWords(at, Date.now()) }),
  ]
}

/** A new token, shown this once. */
function Made({ token }: { token: Token }) {
  const [said, setSaid] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(token.text ?? '')
      setSaid(a('copied'))
    } catch {
      field.current?.select()
      setSaid(a('copyByHand'))
    }
  }
  return (
    <div class="made">
      <label class="field">
        {`${a('text')}: ${token.name}`}
        <input ref={field} readOnly value={token.text} onFocus={(e) => e.currentTarget.select()} />
      </label>
      <button type="button" class="button primary" onClick={() => void copy()}>
        {a('copy')}
      </button>
      <p class="hint" role="status">
        {said || a('once')}
      </p>
    </div>
  )
}

interface FormProps {
  onMake: (wanted: TokenRequest) => void
  onCancel: () => void
}

function TokenForm({ onMake, onCancel }: FormProps) {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.querySelector('input')?.focus(), [])
  const make = (event: SubmitEvent) => {
    event.preventDefault()
    const said = new FormData(event.currentTarget as HTMLFormElement)
    const text = (name: string) => String(said.get(name) ?? '').trim()
    const documents = text('documents')
      .split(/[\s,]+/)
      .filter(Boolean)
    const role = text('role') as TokenRole
    const end = text('expires')
    onMake({
      name: text('name'),
      scope: { role, ...(documents.length > 0 ? { documents } : {}) },
      ...(end ? { expires: new Date(`${end}T23:59:59.999`).getTime() } : {}),
    })
  }
  return (
    <form class="token-form" ref={form} onSubmit={make}>
      <label class="field">
        {a('name')}
        <input name="name" required maxLength={60} autocomplete="off" />
      </label>
      <label class="field">
        {a('role')}
        <select name="role">
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {a(`role.${role}`)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        {a('documents')}
        <input
          name="documents"
          aria-describedby="documents-hint"
          autocomplete="off"
          spellcheck={false}
        />
      </label>
      <p class="hint" id="documents-hint">
        {a('documentsHint')}
      </p>
      <label class="field">
        {a('expires')}
        <input name="expires" type="date" />
      </label>
      <div class="buttons">
        <button type="submit" class="button primary">
          {a('make')}
        </button>
        <button type="button" class="button" onClick={onCancel}>
          {a('cancel')}
        </button>
      </div>
    </form>
  )
}
