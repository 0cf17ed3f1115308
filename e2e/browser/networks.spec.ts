import { Editor } from './editor.ts'
import { expect, test } from './quire.ts'

test('where WebSocket is blocked a page goes on over HTTP, remembers it, and two people type together', async ({
  browser,
  quire,
  visit,
}) => {
  const id = await quire.create('text', 'start')
  const ben = await visit(id, 'Ben')
  const context = await browser.newContext()
  const sockets: string[] = []
  await context.routeWebSocket(/\/ws/, (socket) => {
    sockets.push(socket.url())
    socket.close()
  })
  const ann = new Editor(await context.newPage())
  const events = ann.page.waitForRequest(
    (request) => request.headers().accept === 'text/event-stream',
  )
  await ann.page.goto(`${quire.url}/d/${id}`)
  await ann.ready()
  await ann.callMyself('Ann')
  await events
  await ann.goTo('start')
  await ann.type('Ann, ')
  await ann.saved()
  await ben.goTo('end')
  await ben.type(', Ben')
  await ann.shows('Ann, start, Ben')
  await expect(ben.caretOf('Ann')).toBeVisible()
  expect(sockets).toHaveLength(1)

  await ann.page.reload()
  await ann.ready()
  await ann.goTo('end')
  await ann.type('!')
  await ann.saved()
  expect(sockets).toHaveLength(1)

  await context.close()
  await expect(ben.caretOf('Ann')).toHaveCount(0)
  expect(await quire.text(id)).toBe('Ann, start, Ben!')
})

test('what whoever runs the server has to say is seen in every open page, until it is over', async ({
  quire,
  visit,
}) => {
  const ann = await visit(await quire.create('text', 'one'))
  quire.command('notice', 'Back at noon: the server gets a new disk.')
  const notice = ann.page.getByText('Back at noon')
  await expect(notice).toBeVisible()
  const ben = await visit(await quire.create('rich', 'another'))
  await expect(ben.page.getByText('Back at noon')).toBeVisible()
  quire.command('notice', '--end')
  await expect(notice).toBeHidden()
})
