import { render } from 'preact'
import { NotFound } from './NotFound'

const app = document.getElementById('app')
if (app) render(<NotFound />, app)
