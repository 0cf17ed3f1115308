import { render } from 'preact'
import { at } from '../place'
import { documentIn, keyIn } from './address'
import { DocumentView } from './document/DocumentView'
import { DocumentPage } from './document/page'
import { keepPages } from './offline'
import { settle } from './settings/settings'
import { fitTheVisible } from './visible'

const app = document.getElementById('app')
const id = documentIn(location.pathname)
/** Shown in a frame of another site. */
const isEmbedded = location.pathname.startsWith(at('embed/'))

// Out of the address before anybody sees it, keeps it as a bookmark or in the history.
const { hash } = location
const key = keyIn(hash)
const fragmentBecomes = (fragment: string) =>
  history.replaceState(history.state, '', location.pathname + location.search + fragment)
if (key || isEmbedded) fragmentBecomes('')
// Another link to the same document, opened in this tab.
addEventListener('hashchange', () => keyIn(location.hash) && location.reload())

async function show(place: HTMLElement): Promise<void> {
  if (!id) {
    const { NotFound } = await import('./NotFound')
    return render(<NotFound />, place)
  }
  const frame = isEmbedded ? await import('./embed').catch(() => null) : null
  const enter = await frame?.enter(place, id, hash)
  if (key) {
    const loaded = await import('./share/redeem').catch(() => null)
    // Offline, the link is for when the page is loaded again; until then the document is what this device has of it.
    if (loaded) await loaded.redeem(place, id, key, isEmbedded)
    else fragmentBecomes(hash)
  }
  await frame?.openPictures(id)
  const page = new DocumentPage(id)
  enter?.(page)
  render(<DocumentView page={page} />, place)
  page.start()
  fitTheVisible()
  void keepPages()
}

void settle().then(() => app && show(app))
