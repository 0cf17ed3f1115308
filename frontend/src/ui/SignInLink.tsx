import { useEffect, useState } from 'preact/hooks'
import { t } from '../i18n'
import { at } from '../place'

/** Where a guest can sign in; '' for who has, and where nobody can. */
async function whereToSignIn(): Promise<string> {
  const answer = await fetch(at('api/v1/me')).catch(() => null)
  if (!answer?.ok) return ''
  const { guest, signIn } = (await answer.json()) as { guest: boolean; signIn?: string }
  return guest && signIn ? signIn : ''
}

/** Leads a guest to sign in and then back to this page, where people can sign in. */
export function SignInLink() {
  const [signIn, setSignIn] = useState('')
  useEffect(() => {
    void whereToSignIn().then(setSignIn)
  }, [])
  if (!signIn) return null
  const back = location.pathname + location.search + location.hash
  return (
    <a class="button" href={`${signIn}?next=${encodeURIComponent(back)}`}>
      {t('account.signIn')}
    </a>
  )
}
