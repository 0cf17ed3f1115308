import { render } from 'preact'
import { NotFound } from './NotFound'
import { settle } from './settings/settings'

const app = document.getElementById('app')
void settle().then(() => app && render(<NotFound />, app))
