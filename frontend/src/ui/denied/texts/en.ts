import { catalogueOf } from '../../../i18n/catalogue'
import type { Message } from '../../../i18n/message'

/** What is said in place of a document that cannot be opened, in English, which every other language follows. */
export const en = {
  heading: 'You do not have access to this document',
  text: 'Its owner has not shared it with you, or shares it with you no longer. Ask whoever gave you its address.',
  trashed: 'This document is in the trash',
  'trashed.mine': {
    one: 'You can restore it as it was for {count} more day.',
    other: 'You can restore it as it was for {count} more days.',
  },
  'trashed.stays': 'You can restore it as it was.',
  'trashed.others': 'Its owner put it there, and can restore it.',
  restore: 'Restore',
} as const satisfies Record<string, Message>

/** Checks the texts of another language. */
export const texts = catalogueOf<typeof en>()
