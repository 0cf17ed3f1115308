'use strict'

// ShareDB's tests edit JSON documents of any collection; Quire has rich text in one. The codec stands between the two, on
// the messages alone: names are mapped to documents of Quire's, and a document that is not rich text is carried in one
// that is.
//
// - Text (presence-test-type) becomes text, so that Quire moves cursors in it.
// - Anything else becomes a log: one embed with its first content, and in front of that one embed for each op. Reading
//   applies them to each other. Quire orders ops and carries them over each other as inserts, so this is exact for ops
//   whose order does not matter, such as adding to a number.

const types = require('sharedb/lib/types')

const PRESENCE_TYPE = 'http://sharejs.org/types/presence-test-type'
const RICH_TEXT = 'http://sharejs.org/types/rich-text/v1'
const COLLECTION = 'documents'

class Codec {
  constructor(prefix) {
    this.prefix = prefix
    this.ids = new Map() // collection and id, or channel -> Quire's document
    this.names = new Map() // and back
    this.collections = new Map() // a document that Quire has to refuse -> its collection
    this.types = new Map() // Quire's document -> type as the tests know it
  }

  document(collection, id) {
    return this.name(JSON.stringify([collection, id]), { c: collection, d: id })
  }

  name(key, meaning) {
    if (!this.ids.has(key)) {
      const id = `${this.prefix}-${this.ids.size}`
      this.ids.set(key, id)
      this.names.set(id, meaning)
    }
    return this.ids.get(key)
  }

  // toQuire changes a client's message into one that Quire understands.
  toQuire(message) {
    const m = { ...message }
    const { c, d } = message
    if (m.a === 'p' || m.a === 'ps' || m.a === 'pu' || m.a === 'pr') return this.presenceToQuire(m)
    if (typeof c !== 'string' || inherited(c)) return m
    if (m.a.startsWith('q')) return m
    m.c = COLLECTION
    if (inherited(d)) this.collections.set(d, c)
    if (m.b) m.b = mapNames(m.b, (id) => (inherited(id) ? id : this.document(c, id)))
    if (typeof d !== 'string' || inherited(d)) return m
    m.d = this.document(c, d)
    if (m.create) m.create = this.createToQuire(m.d, m.create)
    if (m.op !== undefined) m.op = opToQuire(this.types.get(m.d), m.op)
    return m
  }

  createToQuire(document, create) {
    const type = types.map[create.type]
    if (!type) return create
    this.types.set(document, type)
    return { type: RICH_TEXT, data: contentToQuire(type, create.data) }
  }

  presenceToQuire(m) {
    if (typeof m.ch !== 'string' || inherited(m.ch)) return m
    const [collection, ...rest] = m.ch.split('.')
    const isDocument = rest.length > 0
    const document = isDocument
      ? this.document(collection, rest.join('.'))
      : this.name(m.ch, { ch: m.ch })
    const out = { ...m, ch: `${COLLECTION}.${document}` }
    if (typeof m.c === 'string') Object.assign(out, { c: COLLECTION, d: document })
    if (m.p && m.c) out.p = { length: 0, ...m.p }
    else if (m.p !== undefined && m.p !== null) out.p = { value: m.p }
    return out
  }

  // toClient is the reverse.
  toClient(message) {
    const m = { ...message }
    if (typeof m.ch === 'string') return this.presenceToClient(m)
    if (m.b || (m.data && m.a.startsWith('b'))) return this.bulkToClient(m)
    if (this.names.has(m.d)) Object.assign(m, this.names.get(m.d))
    else if (inherited(m.d)) m.c = this.collections.get(m.d) || m.c
    const type = this.types.get(message.d)
    if (m.data) m.data = snapshotToClient(type, m.data)
    if (m.create) m.create = { type: type.uri, data: snapshotToClient(type, m.create).data }
    if (m.op) m.op = opToClient(type, m.op)
    return m
  }

  // pastToClient needs the document of the request: the reply does not name it.
  pastToClient(document, m) {
    return m.error ? m : { ...m, ...snapshotToClient(this.types.get(document), m) }
  }

  bulkToClient(m) {
    const first =
      Object.keys(m.data || {})[0] || (Array.isArray(m.b) ? m.b[0] : Object.keys(m.b || {})[0])
    const known = this.names.get(first)
    if (!known) return m
    const out = { ...m, c: known.c }
    const back = (id) => (this.names.has(id) ? this.names.get(id).d : id)
    if (m.b) out.b = mapNames(m.b, back)
    if (m.data) {
      out.data = {}
      for (const [id, snapshot] of Object.entries(m.data)) {
        out.data[back(id)] = snapshot.error
          ? snapshot
          : snapshotToClient(this.types.get(id), snapshot)
      }
    }
    return out
  }

  presenceToClient(m) {
    const document = m.ch.slice(COLLECTION.length + 1)
    const name = this.names.get(document)
    if (!name) return m
    const out = { ...m, ch: name.ch || `${name.c}.${name.d}` }
    if (name.ch) {
      for (const key of ['c', 'd', 'v', 't']) delete out[key]
      if (m.p) out.p = m.p.value
    } else if (m.a === 'p') {
      Object.assign(out, { c: name.c, d: name.d })
      if (m.t && this.types.has(document)) out.t = this.types.get(document).uri
      if (m.p && m.p.length === 0) {
        out.p = { ...m.p }
        delete out.p.length
      }
    }
    return out
  }
}

// inherited says whether a name is one that every object has. Those stay as they are: Quire has to refuse them.
function inherited(name) {
  return typeof name === 'string' && name in Object.prototype
}

function mapNames(names, map) {
  if (Array.isArray(names)) return names.map(map)
  return Object.fromEntries(Object.entries(names).map(([id, version]) => [map(id), version]))
}

function contentToQuire(type, data) {
  if (type.uri === RICH_TEXT) return data
  if (type.uri === PRESENCE_TYPE) return data ? [{ insert: data }] : []
  return [{ insert: { created: data === undefined ? null : data } }]
}

function opToQuire(type, op) {
  if (!type || type.uri === RICH_TEXT) return op
  if (type.uri !== PRESENCE_TYPE) return [{ insert: { op } }]
  const step = op.value ? { insert: op.value } : { delete: op.del }
  return op.index ? [{ retain: op.index }, step] : [step]
}

function opToClient(type, delta) {
  if (!type || type.uri === RICH_TEXT) return delta
  if (type.uri !== PRESENCE_TYPE) return delta.find((step) => step.insert).insert.op
  const index = delta[0].retain || 0
  const step = delta[delta.length - 1]
  return step.insert ? { index, value: step.insert } : { index, del: step.delete }
}

function snapshotToClient(type, snapshot) {
  if (!type || type.uri === RICH_TEXT || !snapshot.data) return snapshot
  const content = snapshot.data.ops
  const out = { ...snapshot, type: type.uri }
  if (type.uri === PRESENCE_TYPE) {
    out.data = content.map((step) => step.insert).join('')
    return out
  }
  const log = content.map((step) => step.insert).reverse()
  let data = type.create(log[0].created === null ? undefined : log[0].created)
  for (const entry of log.slice(1)) data = type.apply(data, entry.op)
  out.data = type.serialize ? type.serialize(data) : data
  return out
}

module.exports = { Codec }
