import { signal } from '@preact/signals'
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

const TONES = ['Blue', 'Green', 'Amber', 'Silver', 'Scarlet', 'Violet', 'Golden', 'Misty', 'Quiet']
const BIRDS = [
  'Heron',
  'Finch',
  'Wren',
  'Otter',
  'Fox',
  'Hare',
  'Lynx',
  'Robin',
  'Swift',
  'Badger',
  'Falcon',
  'Plover',
]
const KEY = 'quire:person'

const pick = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)] as T

function invent(): Person {
  return { name: `${pick(TONES)} ${pick(BIRDS)}`, color: pick(COLORS) }
}

function recall(): Person | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<Person> | null
    return kept?.name && kept.color ? { name: kept.name, color: kept.color } : null
  } catch {
    return null
  }
}

function keep(person: Person): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(person))
  } catch {
    // A browser that keeps nothing gives a new name each time; nothing depends on it.
  }
}

/** Who the user is to others: a friendly name until they choose one. */
export const me = signal<Person>(recall() ?? invent())
keep(me.value)

export function rename(change: Partial<Person>): void {
  me.value = { ...me.value, ...change }
  keep(me.value)
}

/** One or two letters for an avatar. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? '')
  return letters.join('').toUpperCase()
}
