'use strict'

// node record.js FOLDER: writes down what ShareDB's clients, unmodified, and a running Quire (bin/quire) say to each other.
// The Go tests of the server replay these transcripts.
//
// A line is the number of the connection, what happens to it, or > (from the client) or < (from the server) and a message. <id1> stands for the
// secret of the first connection's client and <src1> for the name that others know it by.

const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const { promisify } = require('node:util')
const WebSocket = require('ws')
const richText = require('rich-text')
const { mochaGlobalSetup, mochaGlobalTeardown } = require('./setup')

const QUIET = 300 // milliseconds without a message after which nothing more is expected

class Recorder {
  constructor() {
    this.lines = []
    this.ids = new Map() // id -> number of the first connection that had it
    this.sockets = 0
  }

  socket(document) {
    const number = ++this.sockets
    const address = document ? `${process.env.QUIRE_SOCKET}/${document}` : process.env.QUIRE_SOCKET
    const ws = new WebSocket(address, { allowSynchronousEvents: false })
    this.lines.push(`${number} connects to ${new URL(address).pathname}`)
    const send = ws.send.bind(ws)
    ws.send = (data) => {
      this.write(number, '>', data)
      send(data)
    }
    for (const end of ['close', 'terminate']) {
      const original = ws[end].bind(ws)
      ws[end] = () => {
        if (ws.readyState === WebSocket.OPEN) this.lines.push(`${number} ends`)
        original()
      }
    }
    ws.addEventListener('message', (event) => {
      const message = JSON.parse(event.data)
      if ((message.a === 'hs' || message.a === 'init') && !this.ids.has(message.id)) {
        this.ids.set(message.id, number)
      }
      this.write(number, '<', event.data)
    })
    return ws
  }

  write(number, direction, data) {
    this.last = performance.now()
    this.lines.push(`${number} ${direction} ${data}`)
  }

  // quiet waits until everything has been said.
  async quiet() {
    this.last = performance.now()
    while (performance.now() < this.last + QUIET) await new Promise((r) => setTimeout(r, 20))
  }

  text() {
    let text = `${this.lines.join('\n')}\n`
    for (const [id, number] of this.ids) {
      const digest = createHash('sha256').update(`quire source\0${id}`).digest().subarray(0, 15)
      text = text
        .replaceAll(id, `<id${number}>`)
        .replaceAll(digest.toString('base64url'), `<src${number}>`)
    }
    return text
  }
}

function client(name) {
  const sharedb = require(`${name}/lib/client`)
  sharedb.types.register(richText.type)
  return sharedb
}

// lose ends a connection's socket, as a network does.
async function lose(connection) {
  const ended = new Promise((resolve) => connection.once('disconnected', resolve))
  connection.socket.terminate()
  await ended
}

const call = (object, method, ...args) => promisify(object[method]).call(object, ...args)

// together is two people in one document: they edit at the same time, point, and one deletes it.
async function together(recorder) {
  const { Connection } = client('sharedb')
  const first = new Connection(recorder.socket('plan'))
  const doc = first.get('documents', 'plan')
  await call(doc, 'fetch')
  await call(doc, 'create', [{ insert: 'Plan\n' }], richText.type.uri)
  await call(doc, 'subscribe')
  const second = new Connection(recorder.socket('plan'))
  const other = second.get('documents', 'plan')
  await call(other, 'subscribe')
  await call(doc, 'submitOp', [{ insert: 'A ' }])
  await recorder.quiet()
  const presence = second.getDocPresence('documents', 'plan')
  await call(presence, 'subscribe')
  await recorder.quiet()
  const caret = first.getDocPresence('documents', 'plan').create('caret')
  await call(caret, 'submit', { index: 2, length: 0, name: 'Ann' })
  await recorder.quiet()
  await call(other, 'submitOp', [{ insert: 'The ' }])
  await recorder.quiet()
  await call(other, 'unsubscribe')
  first.ping()
  await recorder.quiet()
  await call(first, 'fetchSnapshot', 'documents', 'plan', 1)
  await call(doc, 'del')
  await recorder.quiet()
  first.close()
  await recorder.quiet()
  second.close()
}

// comesBack is a client of two documents whose connection is lost with an edit under way that has arrived.
async function comesBack(recorder) {
  const { Connection } = client('sharedb')
  const connection = new Connection(recorder.socket())
  const docs = ['plan', 'list'].map((id) => connection.get('documents', id))
  for (const doc of docs) {
    await call(doc, 'create', [{ insert: 'x\n' }], richText.type.uri)
    await call(doc, 'subscribe')
  }
  connection.socket.onmessage = () => {} // the acknowledgement is lost
  docs[0].submitOp([{ insert: 'typed ' }])
  await recorder.quiet()
  const writer = new Connection(recorder.socket('list'))
  const list = writer.get('documents', 'list')
  await call(list, 'fetch')
  await call(list, 'submitOp', [{ insert: 'meanwhile ' }])
  await recorder.quiet()
  await lose(connection)
  connection.bindToSocket(recorder.socket())
  await recorder.quiet()
  await call(docs[1], 'submitOp', [{ retain: 10 }, { insert: 'more ' }])
  await recorder.quiet()
  connection.close()
  writer.close()
}

// old is a client from before there was a handshake: it waits to be told its id, and is told another when it comes back.
async function old(recorder) {
  const { Connection } = client('sharedb-1.0')
  const connection = new Connection(recorder.socket('plan'))
  const doc = connection.get('documents', 'plan')
  await call(doc, 'create', [{ insert: 'x\n' }], richText.type.uri)
  await call(doc, 'subscribe')
  connection.socket.onmessage = () => {} // the acknowledgement is lost
  doc.submitOp([{ insert: 'typed ' }])
  await recorder.quiet()
  await lose(connection)
  connection.bindToSocket(recorder.socket('plan'))
  await new Promise((resolve) => doc.whenNothingPending(resolve))
  await recorder.quiet()
  connection.close()
}

async function main(folder) {
  for (const [name, scenario] of Object.entries({
    'sharedb-7-together': together,
    'sharedb-7-comes-back': comesBack,
    'sharedb-1.0': old,
  })) {
    delete process.env.QUIRE_SOCKET
    await mochaGlobalSetup() // a server of its own: documents have the same names
    const recorder = new Recorder()
    await scenario(recorder)
    await mochaGlobalTeardown()
    fs.writeFileSync(path.join(folder, `${name}.txt`), recorder.text())
  }
  process.exit(0)
}

main(process.argv[2])
