'use strict'

const { spawn } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const readline = require('node:readline')

// Whatever asks for ShareDB's server gets the one that speaks with Quire.
require.cache[require.resolve('sharedb/lib/backend')] = {
  id: require.resolve('sharedb/lib/backend'),
  filename: require.resolve('sharedb/lib/backend'),
  loaded: true,
  exports: require('./backend'),
}

let server
let data

// mochaGlobalSetup starts bin/quire on a free port, or uses the server at QUIRE_SOCKET (ws://host:port/ws), and becomes known to it.
exports.mochaGlobalSetup = async () => {
  if (!process.env.QUIRE_SOCKET) await startServer()
  const page = new URL('/', process.env.QUIRE_SOCKET.replace(/^ws/, 'http'))
  const [cookie] = (await fetch(page)).headers.getSetCookie()
  process.env.QUIRE_COOKIE = cookie.split(';')[0]
}

async function startServer() {
  data = fs.mkdtempSync(path.join(os.tmpdir(), 'quire-conformance-'))
  const binary = path.resolve(__dirname, '../../bin/quire')
  server = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of readline.createInterface({ input: server.stdout })) {
    const address = /http:\/\/(\S+)/.exec(line)
    if (address) {
      process.env.QUIRE_SOCKET = `ws://${address[1]}/ws`
      return
    }
  }
  throw new Error('bin/quire did not start; run make build')
}

exports.mochaGlobalTeardown = async () => {
  if (!server) return
  const ended = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGTERM')
  await ended
  fs.rmSync(data, { recursive: true })
}
