package store

import (
	"encoding/binary"
	"fmt"
)

// An entry is one write as the journal holds it. The state of the whole store
// is the fold of all entries in order (see docHead.apply); main.db is such a
// fold of a prefix.
type entry struct {
	kind     entryKind
	document string
	expect   uint64 // append: revision of the first record; set meta: version replaced; messages: index of the first
	count    uint64 // append, messages: number of them
	time     int64  // set meta: when, milliseconds since the epoch
	hasMeta  bool
	meta     []byte
	records  []byte // append, messages: they, encoded one after the other
}

type entryKind byte

const (
	entryAppend  entryKind = 1
	entrySetMeta entryKind = 2
	entryDelete  entryKind = 3

	entryMessages entryKind = 4 // since format 2
)

// appendEntry appends e preceded by its length. decodeEntry(entry) == e.
func appendEntry(dst []byte, e *entry) []byte {
	body := append(appendEntryHead(nil, e), e.records...)
	return appendField(dst, body)
}

// appendEntryHead appends all of e but the records or messages, which follow.
func appendEntryHead(dst []byte, e *entry) []byte {
	dst = append(dst, byte(e.kind))
	dst = appendField(dst, e.document)
	switch e.kind {
	case entryAppend:
		dst = binary.AppendUvarint(dst, e.expect)
		dst = binary.AppendUvarint(dst, e.count)
		dst = appendOptional(dst, e.hasMeta, e.meta)
	case entryMessages:
		dst = binary.AppendUvarint(dst, e.expect)
		dst = binary.AppendUvarint(dst, e.count)
	case entrySetMeta:
		dst = binary.AppendUvarint(dst, e.expect)
		dst = binary.AppendVarint(dst, e.time)
		dst = appendField(dst, e.meta)
	case entryDelete:
	}
	return dst
}

func appendOptional(dst []byte, present bool, v []byte) []byte {
	if !present {
		return append(dst, 0)
	}
	return appendField(append(dst, 1), v)
}

// decodeEntry decodes the body of an entry, without its length. The result
// aliases body.
func decodeEntry(body []byte) (entry, error) {
	return decodeEntryOf(body, func(document []byte) string { return string(document) })
}

// decodeEntryOf is decodeEntry where the string of a document's ID may exist.
func decodeEntryOf(body []byte, name func(document []byte) string) (entry, error) {
	r := byteReader{b: body}
	e := entry{kind: entryKind(r.byte())}
	e.document = name(r.field())
	switch e.kind {
	case entryAppend:
		e.expect = r.uvarint()
		e.count = r.uvarint()
		if e.hasMeta = r.byte() == 1; e.hasMeta {
			e.meta = r.field()
		}
		e.records, r.b = r.b, nil
	case entryMessages:
		e.expect = r.uvarint()
		e.count = r.uvarint()
		e.records, r.b = r.b, nil
	case entrySetMeta:
		e.expect = r.uvarint()
		e.time = r.varint()
		e.meta, e.hasMeta = r.field(), true
	case entryDelete:
	default:
		return entry{}, fmt.Errorf("unknown entry kind %d", e.kind)
	}
	if err := r.end(); err != nil {
		return entry{}, err
	}
	if e.document == "" || e.expect+e.count < e.expect {
		return entry{}, errShort
	}
	return e, nil
}

// appendRecord appends one record without its revision, which follows from the entry.
func appendRecord(dst []byte, r *Record) []byte {
	dst = appendField(dst, r.Src)
	dst = binary.AppendUvarint(dst, r.Seq)
	dst = appendField(dst, r.Author)
	dst = binary.AppendVarint(dst, r.Time)
	return appendField(dst, r.Payload)
}

// rawRecord is a record as an entry holds it; its bytes are the entry's.
type rawRecord struct {
	src, author, payload []byte
	seq                  uint64
	time                 int64
}

func (r *byteReader) record() rawRecord {
	return rawRecord{src: r.field(), seq: r.uvarint(), author: r.field(), time: r.varint(), payload: r.field()}
}

// eachRecord calls fn for the records of an append entry, in order.
func (e *entry) eachRecord(fn func(i uint64, r rawRecord)) error {
	in := byteReader{b: e.records}
	for i := range e.count {
		r := in.record()
		if in.err != nil {
			return in.err
		}
		fn(i, r)
	}
	return in.end()
}

// interner shares one string among equal ones: a log repeats few names often.
type interner map[string]string

// internAfter is intern where the name before is likely to come again.
func (n interner) internAfter(before string, b []byte) string {
	if before == string(b) {
		return before
	}
	return n.intern(b)
}

func (n interner) intern(b []byte) string {
	if s, ok := n[string(b)]; ok {
		return s
	}
	s := string(b)
	n[s] = s
	return s
}
