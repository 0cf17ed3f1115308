import { catalogueOf } from '../../../i18n/catalogue'
import type { Message } from '../../../i18n/message'

/** The texts for those who look after the server in English, which every other language follows. */
export const en = {
  title: 'Administration',
  tokens: 'Tokens of programs',
  tokensHint: 'A program shows a token to be let in. Whoever has it can do what it is for.',
  none: 'There are none.',
  new: 'New token…',
  make: 'Make token',
  name: 'Name',
  role: 'What it is for',
  'role.viewer': 'reading',
  'role.editor': 'reading and writing',
  'role.owner': 'administering',
  documents: 'For which documents',
  documentsHint: 'IDs with commas between them, or how they begin and *. Empty for all.',
  expires: 'Works until the end of',
  never: 'no end',
  until: 'until {date}',
  made: 'made {when}',
  revoke: 'Revoke',
  revokeThis: 'Revoke {name}',
  revokeAsk: 'Revoke “{name}”? Programs that use it are put out at once.',
  text: 'Token',
  once: 'Copy it now: it is not shown again.',
  copy: 'Copy',
  copied: 'Copied',
  copyByHand: 'The browser does not let this page copy. Select the token and copy it.',
  bad: 'That cannot be: look at the name, the documents and the end.',
  many: 'There are as many tokens as there can be. Revoke one that is no longer needed.',
  sites: 'Sites that embed documents',
  sitesHint:
    'Sites are added and removed with the command “quire site”, which also tells their secret.',
  sitesNone: 'No other site may show documents.',
  allDocuments: 'all documents',
  cancel: 'Cancel',
  loading: 'Loading…',
} as const satisfies Record<string, Message>

/** Checks the texts of another language. */
export const texts = catalogueOf<typeof en>()
