'use strict'

// ShareDB's own tests of its client, from its npm package, against a running Quire. What cannot apply is listed in
// skipped.json under the reason: titles, or the beginning of several titles and an asterisk. An entry that fits no test
// fails, so that the list stays true.
//
// A test may be tried again: they were written for a server in the same process, and some take it that what one client
// is told comes before what another is. Two sockets have no such order.

const Backend = require('./backend')
const skipped = require('./skipped.json')

const entries = Object.values(skipped).flat()
const used = new Set()

function isSkipped(title) {
  const entry = entries.find(
    (e) => e === title || (e.endsWith('*') && title.startsWith(e.slice(0, -1))),
  )
  used.add(entry)
  return entry !== undefined
}

beforeEach(function () {
  if (isSkipped(this.currentTest.fullTitle())) this.skip()
})

afterEach(() => Backend.closeAll())

after(() => {
  const stale = entries.filter((entry) => !used.has(entry))
  if (stale.length > 0 && !process.argv.includes('--grep')) {
    throw new Error(`skipped.json has what is no test: ${stale.join('; ')}`)
  }
})

require('sharedb/test/setup')

describe('db', () => {
  beforeEach(function () {
    this.backend = new Backend()
  })
  afterEach(function (done) {
    this.backend.close(done)
  })
  require('sharedb/test/client/submit')()
  require('sharedb/test/client/submit-json1')()
  require('sharedb/test/client/subscribe')()
})

require('sharedb/test/client/connection')
require('sharedb/test/client/doc')
require('sharedb/test/client/pending')
require('sharedb/test/client/presence/doc-presence')
require('sharedb/test/client/presence/doc-presence-emitter')
require('sharedb/test/client/presence/presence')
require('sharedb/test/client/snapshot-timestamp-request')
require('sharedb/test/client/snapshot-version-request')
