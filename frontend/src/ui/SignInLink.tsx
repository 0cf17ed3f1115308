import { useEffect, useState } from 'preact/hooks'
import { t } from '../i18n'
import { whoAmI } from './account'

/** Leads a guest to sign in and then back to this page, where people can sign in. */
export function SignInLink() {
  const [signIn, setSignIn] = useState('')
  useEffect(() => {
    void whoAmI().then((me) => setSignIn((me?.guest && me.signIn) || ''))
  }, [])
  if (!signIn) return null
  const back = location.pathname + location.search + location.hash
  return (
    <a class="button" href={`${signIn}?next=${encodeURIComponent(back)}`}>
      {t('account.signIn')}
    </a>
  )
}
