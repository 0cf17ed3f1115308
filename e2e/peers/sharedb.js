// Stock ShareDB with its database in memory, which keeps nothing, to be measured beside Quire: node sharedb.js PORT
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { WebSocketServer } from 'ws'

const require = createRequire(import.meta.url) // they are CommonJS
const ShareDB = require('sharedb')
const WebSocketJSONStream = require('@teamwork/websocket-json-stream')

ShareDB.types.register(require('rich-text').type)
const backend = new ShareDB({ presence: true, doNotForwardSendPresenceErrorsToClient: true })
const server = createServer()
new WebSocketServer({ server }).on('connection', (socket) =>
  backend.listen(new WebSocketJSONStream(socket)),
)
server.listen(Number(process.argv[2]), '127.0.0.1', () => {
  const { port } = server.address()
  process.stdout.write(`listening on ws://127.0.0.1:${port}/\n`)
})
