import { at } from '../place'

/** Who the user is to the server. */
export interface Me {
  readonly person: string
  readonly name?: string
  readonly guest: boolean
  /** Where one signs in, below the host; absent where nobody can. */
  readonly signIn?: string
  /** Whether they look after the server. */
  readonly admin?: boolean
  /** How many documents they have as a guest of this browser. */
  readonly claimable?: number
}

let asked: Promise<Me | null> | null = null

/** Asks the server once; null if it cannot say. */
export function whoAmI(): Promise<Me | null> {
  asked ??= fetch(at('api/v1/me')).then(
    (answer) => (answer.ok ? (answer.json() as Promise<Me>) : null),
    () => null,
  )
  return asked
}

/** Has the server asked again, after something about the user has changed. */
export function forgetMe(): void {
  asked = null
}
