import { at, showTicket } from '../../place'
import { authorized, borne } from '../../sync/bearer'

/** How often a new ticket is asked for: each is good for ten minutes. */
const RENEW_EVERY = 5 * 60_000

/** Sees to it that the document's pictures are shown, though cookies may not reach the frame. Done when they can be. */
export async function openPictures(document: string): Promise<void> {
  if (!borne()) return
  const address = at(`api/v1/documents/${encodeURIComponent(document)}/images`)
  const answer = await fetch(address, authorized({})).catch(() => null)
  const said = answer?.ok ? ((await answer.json()) as { ticket: string }) : null
  if (said) showTicket(said.ticket)
  setTimeout(() => void openPictures(document), RENEW_EVERY)
}
