import { render } from 'preact'
import { documentIn } from './address'
import { DocumentView } from './document/DocumentView'
import { DocumentPage } from './document/page'
import { NotFound } from './NotFound'
import { keepPages } from './offline'
import { settle } from './settings/settings'
import { fitTheVisible } from './visible'

const app = document.getElementById('app')
const id = documentIn(location.pathname)

function show(place: HTMLElement): void {
  if (!id) {
    render(<NotFound />, place)
    return
  }
  const page = new DocumentPage(id)
  render(<DocumentView page={page} />, place)
  page.start()
  fitTheVisible()
  void keepPages()
}

void settle().then(() => app && show(app))
