import { computed } from '@preact/signals'
import { locale } from '../../i18n'
import { COLORS } from '../person'
import type { People } from './api'
import { h } from './texts'

/** Names and colours of those who wrote. Who gave no name is someone, in a colour that stays. */
export class Cast {
  constructor(private readonly people: People) {}

  name(person: string | undefined): string {
    return (person && this.people[person]?.name) || h('someone')
  }

  color(person: string | undefined): string {
    const known = person && this.people[person]?.color
    if (known) return known
    let sum = 0
    for (const letter of person ?? '') sum = (sum * 31 + letter.charCodeAt(0)) % COLORS.length
    return COLORS[sum] ?? COLORS[0]
  }

  with(person: string, name: string, color: string): Cast {
    return new Cast({ ...this.people, [person]: { name, color } })
  }
}

/** Making one takes longer than writing a hundred dates with it. */
const dates = computed(
  () => new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'short' }),
)

/** A moment as a date and a time of day. */
export const moment = (time: number): string => dates.value.format(time)

/** The time from one moment to another, as short as can be. */
export const period = (began: number, ended: number): string =>
  dates.value.formatRange(began, ended)
