import { computed, signal } from '@preact/signals'
import { t } from '../i18n'
import type { Person } from '../sync/presence'

/** White text on each has a contrast of at least 4.5, each on either page at least 3. */
export const COLORS = [
  '#da3024',
  '#c05010',
  '#956c0c',
  '#577e20',
  '#218342',
  '#12816b',
  '#107e94',
  '#1774d0',
  '#4c6adf',
  '#805bd8',
  '#ac42d0',
  '#d42884',
] as const

const KEY = 'quire:person'

/** What is kept of the user: guests without a name have a number from 0 to 1, which is a name in every language. */
interface Kept {
  readonly name?: string
  readonly guest: number
  readonly color: string
}

const someone = (): Kept => ({
  guest: Math.random(),
  color: COLORS[Math.floor(Math.random() * COLORS.length)] ?? COLORS[0],
})

function recall(): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<Kept> | null
    return kept?.color ? { guest: 0, ...kept, color: kept.color } : null
  } catch {
    return null
  }
}

function keep(kept: Kept): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept))
  } catch {
    // A browser that keeps nothing gives a new name each time; nothing depends on it.
  }
}

const kept = signal<Kept>(recall() ?? someone())
keep(kept.value)

function guestName(guest: number): string {
  const names = t('people.guests').split('|')
  return names[Math.floor(guest * names.length)] ?? names[0] ?? ''
}

/** What another site says of the user, in a frame of it. It is not kept. */
export const given = signal<Partial<Person>>({})

/** Who the user is to others: a friendly name until they choose one. */
export const me = computed<Person>(() => {
  const { name, guest, color } = kept.value
  return { name: name ?? guestName(guest), color, ...given.value }
})

export function rename(change: Partial<Person>): void {
  kept.value = { ...kept.value, ...change }
  keep(kept.value)
}

/** One or two letters for an avatar. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? '')
  return letters.join('').toUpperCase()
}
