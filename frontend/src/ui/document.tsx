import { render } from 'preact'
import { documentIn } from './address'
import { DocumentView } from './document/DocumentView'
import { DocumentPage } from './document/page'
import { NotFound } from './NotFound'

const app = document.getElementById('app')
const id = documentIn(location.pathname)
if (app && id) {
  const page = new DocumentPage(id)
  render(<DocumentView page={page} />, app)
  page.start()
} else if (app) {
  render(<NotFound />, app)
}
