import './share.css'
import { render } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../../i18n'
import { root } from '../../place'
import { bear } from '../../sync/bearer'
import { Mark } from '../icons'
import { type Refused, ShareApi } from './api'
import { s } from './texts'

/**
 * Exchanges a link's key for what the link gives, and asks for its password if it has one. Ends when the document may be opened.
 * In a frame, which has no cookies, the page shows what stands for the link from then on.
 */
export async function redeem(
  place: HTMLElement,
  document: string,
  key: string,
  inFrame: boolean,
): Promise<void> {
  const api = new ShareApi(document)
  const grant = await new Promise<string>((resolve) => {
    const exchange = (password: string) => api.redeem(key, password)
    render(<Redeem exchange={exchange} onDone={resolve} />, place)
  })
  if (inFrame) bear(grant)
  render(null, place)
}

interface RedeemProps {
  exchange: (password: string) => Promise<string>
  onDone: (grant: string) => void
}

function Redeem({ exchange, onDone }: RedeemProps) {
  const [refused, setRefused] = useState<Refused | null>(null)
  const [asksPassword, setAsksPassword] = useState(false)
  const [busy, setBusy] = useState(true)
  const attempt = async (password: string) => {
    setBusy(true)
    try {
      onDone(await exchange(password))
    } catch (error) {
      const why = error as Refused
      if (why.code === 'password-needed') setAsksPassword(true)
      setRefused(why)
      setBusy(false)
    }
  }
  useEffect(() => void attempt(''), [])
  if (!refused) return <main class="missing" aria-busy="true" aria-label={s('redeem.opening')} />
  return (
    <main class="missing">
      <a href={root} class="home" aria-label={t('app.home')}>
        <Mark />
      </a>
      <h1>{s(asksPassword ? 'redeem.passwordHeading' : 'redeem.heading')}</h1>
      {asksPassword ? (
        <PasswordForm busy={busy} problem={sentence(refused)} onEnter={attempt} />
      ) : (
        <p role="alert">{sentence(refused)}</p>
      )}
      <p class="actions">
        {isPassing(refused) && !asksPassword && (
          <button type="button" class="button primary" disabled={busy} onClick={() => attempt('')}>
            {t('state.tryNow')}
          </button>
        )}
        <button type="button" class="button" onClick={() => onDone('')}>
          {s('redeem.without')}
        </button>
      </p>
    </main>
  )
}

interface PasswordFormProps {
  busy: boolean
  problem: string
  onEnter: (password: string) => void
}

function PasswordForm({ busy, problem, onEnter }: PasswordFormProps) {
  const field = useRef<HTMLInputElement>(null)
  // Whoever was wrong types anew.
  useEffect(() => {
    if (!busy) field.current?.select()
  }, [busy])
  return (
    <form
      class="password"
      onSubmit={(event) => {
        event.preventDefault()
        const password = field.current?.value ?? ''
        if (password && !busy) onEnter(password)
      }}
    >
      <label class="field">
        {s('password')}
        <input
          ref={field}
          type="password"
          maxLength={200}
          autocomplete="off"
          aria-describedby="password-problem"
        />
      </label>
      <button type="submit" class="button primary">
        {s('redeem.open')}
      </button>
      <p class="problem" id="password-problem" role="alert">
        {problem}
      </p>
    </form>
  )
}

/** Whether the same may work in a while. */
const isPassing = ({ status }: Refused) => status === 0 || status === 429 || status >= 500

function sentence(refused: Refused): string {
  switch (refused.code) {
    case 'password-needed':
      return ''
    case 'password-wrong':
      return s('redeem.wrong')
    case 'too-many-attempts':
      return s('redeem.tooMany')
    case 'link-unknown':
      return s('redeem.unknown')
    case 'link-expired':
      return s('redeem.expired')
    case 'link-used-up':
      return s('redeem.usedUp')
    default:
      return refused.message
  }
}
