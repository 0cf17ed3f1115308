'use strict'

// Backend stands in for ShareDB's own server in its tests: it has their connections speak with a running Quire.

const WebSocket = require('ws')
const Connection = require('sharedb/lib/client').Connection
const { Codec } = require('./codec')

const backends = []

const FOREIGN_DELAY = 20 // milliseconds
const later = setTimeout // tests replace the global one

class Backend {
  constructor() {
    this.codec = new Codec(
      `${process.pid.toString(36)}-${Date.now().toString(36)}-${backends.length}`,
    )
    backends.push(this)
    this.sockets = new Set()
    this.MIDDLEWARE_ACTIONS = { sendPresence: 'sendPresence' }
    this.beforePresence = (_request, callback) => callback()
  }

  // use takes the one hook that has a meaning on this side of the network: what is done with a presence on its way to a
  // client.
  use(action, hook) {
    if (action !== 'sendPresence')
      throw new Error(`no ${action} hook: the server is another process`)
    this.beforePresence = hook
  }

  connect(connection, _request, callback) {
    const socket = new Socket(this)
    if (connection) connection.bindToSocket(socket)
    else connection = new Connection(socket)
    if (callback) connection.once('connected', () => callback(connection))
    return connection
  }

  // closeAll ends what a test has left open, so that nothing reaches the next.
  static closeAll() {
    for (const backend of backends) backend.close()
  }

  close(callback) {
    for (const socket of this.sockets) socket.close()
    if (callback) process.nextTick(callback)
  }
}

// Socket is what a Connection takes for a WebSocket.
class Socket {
  constructor(backend) {
    this.backend = backend
    this.readyState = 0
    this.late = [] // arrived, and to be handed on when due
    this.due = 0
    this.early = [] // sent before it was open
    this.past = new Map() // id of a request for the past -> Quire's document
    // One event at a time, as in browsers.
    // All connections are one person's, who may delete what any of them created.
    this.ws = new WebSocket(process.env.QUIRE_SOCKET, {
      allowSynchronousEvents: false,
      headers: { cookie: process.env.QUIRE_COOKIE },
    })
    this.ws.on('open', () => this.opened())
    this.ws.on('message', (data) => this.received(JSON.parse(data)))
    this.ws.on('close', () => this.closed('disconnected'))
    this.ws.on('error', () => {})
    backend.sockets.add(this)
  }

  opened() {
    if (this.readyState !== 0) return
    this.readyState = 1
    for (const data of this.early) this.send(data)
    if (this.onopen) this.onopen()
  }

  // received hands a message on in order. Others' ops are handed on a little later: the tests were written for a server in
  // the same process, where an author hears of its own op before anybody else does.
  received(message) {
    const isForeign = message.a === 'op' && message.src !== this.id && !message.error
    this.due = Math.max(this.due, performance.now() + (isForeign ? FOREIGN_DELAY : 0))
    if (this.late.push(message) === 1) this.handOnWhenDue(this.due)
  }

  handOnWhenDue(due) {
    later(() => {
      this.handOn(this.late[0])
      this.late.shift()
      if (this.late.length > 0) this.handOnWhenDue(this.due)
    }, due - performance.now())
  }

  handOn(message) {
    if (this.readyState !== 1 || !this.onmessage) return
    const { codec } = this.backend
    const isPast = message.a === 'nf' || message.a === 'nt'
    const data = isPast
      ? codec.pastToClient(this.past.get(message.id), message)
      : codec.toClient(message)
    if (data.a === 'hs') this.id = data.id
    if (data.a !== 'p' || data.error || data.src === this.id) {
      this.onmessage({ data: JSON.stringify(data) })
      return
    }
    this.backend.beforePresence({ presence: data }, () => {
      if (this.onmessage) this.onmessage({ data: JSON.stringify(data) })
    })
  }

  send(data) {
    if (this.readyState === 0) {
      this.early.push(data)
      return
    }
    const message = this.backend.codec.toQuire(JSON.parse(data))
    if (message.a === 'nf' || message.a === 'nt') this.past.set(message.id, message.d)
    this.ws.send(JSON.stringify(message))
  }

  close(reason) {
    this.ws.close()
    this.closed(reason || 'closed')
  }

  closed(reason) {
    if (this.readyState === 3) return
    this.readyState = 3
    this.backend.sockets.delete(this)
    if (this.onclose) this.onclose(reason)
  }
}

module.exports = Backend
