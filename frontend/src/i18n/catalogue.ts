import type { en } from './en'
import type { Message, ParameterNames, Plural } from './message'

/** English says which messages there are, and with which parameters. */
export type English = typeof en
export type Key = keyof English

type Messages = Readonly<Record<string, Message>>

/** All messages of a part of the interface in one language. */
export type CatalogueOf<E extends Messages> = Readonly<Record<keyof E, Message>>
export type Catalogue = CatalogueOf<English>

type ShapeOf<E extends Messages> = {
  readonly [K in keyof E]: E[K] extends string ? string : Plural
}

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false

/** Whatever is wrong with a translation becomes a type that its text does not have. */
type Checked<C, E extends Messages> = {
  readonly [K in keyof C]: K extends keyof E
    ? Same<ParameterNames<C[K]>, ParameterNames<E[K]>> extends true
      ? C[K]
      : { 'its parameters must be': ParameterNames<E[K]> }
    : { 'there is no English message': K }
}

/**
 * Takes the messages of one language. It does not compile if a message is missing or unknown, or if its parameters are not
 * those of the English one.
 */
export const catalogueOf =
  <E extends Messages>() =>
  <const C extends ShapeOf<E>>(messages: C & Checked<C, E>): CatalogueOf<E> =>
    messages

/** The messages of every page in one language. */
export const catalogue = catalogueOf<English>()
