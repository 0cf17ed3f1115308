import { signal } from '@preact/signals'

/** The revision that the history is opened at next; undefined for the newest. */
export const startAt = signal<number | undefined>(undefined)
