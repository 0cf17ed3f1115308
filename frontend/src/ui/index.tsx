import { render } from 'preact'
import { settle } from './settings/settings'
import { StartPage } from './start/StartPage'

const app = document.getElementById('app')
void settle().then(() => app && render(<StartPage />, app))

// Coming back with the browser's back button must show the documents opened meanwhile.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload()
})
