import type { DocumentPage } from '../document/page'
import { NotFound } from '../NotFound'
import { NoAccess } from './NoAccess'

/** What stands in place of a document that cannot be shown. Loaded when there is one. */
export function Instead({ page }: { page: DocumentPage }) {
  const phase = page.phase.value
  if (phase === 'denied') return <NoAccess onRetry={() => page.retryNow()} />
  return <NotFound deleted={phase === 'deleted'} />
}
