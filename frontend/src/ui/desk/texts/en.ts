import { catalogueOf } from '../../../i18n/catalogue'
import type { Message } from '../../../i18n/message'

/** The texts of one's own documents and of the trash in English, which every other language follows. */
export const en = {
  documents: 'Documents',
  'tab.recent': 'Recent',
  'tab.mine': 'My documents',
  'tab.trash': 'Trash',
  search: 'Search titles and tags',
  sort: 'Sort by',
  'sort.modified': 'Last edited',
  'sort.title': 'Title',
  'sort.created': 'Created',
  'tag.all': 'All',
  'tag.of': 'Tags of {title}',
  'tag.title': 'Tags',
  'tag.label': 'Tags, with commas between them',
  'tag.hint': 'Only you see your tags.',
  'tag.bad': 'A document has up to 10 tags of at most 40 characters.',
  save: 'Save',
  cancel: 'Cancel',
  loading: 'Loading…',
  more: 'Show more',
  none: 'Documents that you create appear here, in whatever browser you sign in.',
  noneGuest:
    'Documents that you create appear here. Without an account they are tied to this browser.',
  noneFound: 'Nothing matches.',
  edited: 'edited {when}',
  created: 'created {when}',
  trashIt: 'Move {title} to the trash',
  trashed: '{title} is in the trash.',
  undo: 'Undo',
  'trash.none': 'The trash is empty.',
  'trash.empty': 'Empty trash',
  'trash.until': {
    one: 'removed for good in {count} day',
    other: 'removed for good in {count} days',
  },
  'trash.stays': 'stays until it is removed',
  'trash.restore': 'Restore',
  'trash.restoreThis': 'Restore {title}',
  'trash.restored': '{title} is back.',
  'trash.discard': 'Remove for good',
  'trash.discardThis': 'Remove {title} for good',
  'trash.ask':
    'Remove “{title}” for good? Its history, messages and pictures go with it. This cannot be undone.',
  'trash.askAll':
    'Remove everything in the trash for good? Histories, messages and pictures go with it. This cannot be undone.',
  claim: {
    one: 'You have {count} document from before you signed in.',
    other: 'You have {count} documents from before you signed in.',
  },
  'claim.do': 'Make them mine',
} as const satisfies Record<string, Message>

/** Checks the texts of another language. */
export const texts = catalogueOf<typeof en>()
