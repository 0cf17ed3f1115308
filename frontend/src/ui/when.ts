import { locale, t } from '../i18n'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A moment in words: "just now", "5 minutes ago", "yesterday", "3 March". A clock that is wrong gives "just now". */
export function inWords(moment: number, now: number): string {
  const age = now - moment
  if (age < MINUTE) return t('when.justNow')
  const relative = new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto' })
  if (age < HOUR) return relative.format(-Math.floor(age / MINUTE), 'minute')
  if (age < DAY) return relative.format(-Math.floor(age / HOUR), 'hour')
  if (age < 7 * DAY) return relative.format(-Math.floor(age / DAY), 'day')
  return new Date(moment).toLocaleDateString(locale.value, {
    day: 'numeric',
    month: 'long',
    year: age > 300 * DAY ? 'numeric' : undefined,
  })
}
