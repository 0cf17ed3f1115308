import { catalogueOf } from '../../../i18n/catalogue'
import type { Message } from '../../../i18n/message'

/** The texts of embedding in English, which every other language follows. */
export const en = {
  'opening.failed': 'This document could not be opened',
  expiring: 'Your access ends in a minute. To go on writing, load the page around this again.',
  expired:
    'Your access has expired. What you have typed is kept here, and saved once the page around this lets you in again.',
  'token.expired': 'The page around this signed you in too long ago. Load it again.',
  'token.invalid': 'The page around this could not sign you in: its token is not valid.',
  'token.origin': 'The page around this could not sign you in: its token is not for {origin}.',
  'token.busy': 'The server cannot be reached, or is busy. Try again in a while.',
} as const satisfies Record<string, Message>

/** Checks the texts of another language. */
export const texts = catalogueOf<typeof en>()
