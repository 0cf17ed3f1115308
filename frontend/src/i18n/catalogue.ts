import type { en } from './en'
import type { Message, ParameterNames, Plural } from './message'

/** English says which messages there are, and with which parameters. */
export type English = typeof en
export type Key = keyof English

/** All messages in one language. */
export type Catalogue = Readonly<Record<Key, Message>>

type Shape = { readonly [K in Key]: English[K] extends string ? string : Plural }

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false

/** Whatever is wrong with a translation becomes a type that its text does not have. */
type Checked<C> = {
  readonly [K in keyof C]: K extends Key
    ? Same<ParameterNames<C[K]>, ParameterNames<English[K]>> extends true
      ? C[K]
      : { 'its parameters must be': ParameterNames<English[K]> }
    : { 'there is no English message': K }
}

/**
 * The messages of one language. It does not compile if a message is missing or unknown, or if its parameters are not those
 * of the English one.
 */
export const catalogue = <const C extends Shape>(messages: C & Checked<C>): Catalogue => messages
