package store

import (
	"bytes"
	"encoding/binary"
)

// tailEntry is an entry, or several appends joined into one, with the segment of
// the journal that holds it. Joining makes memory a fraction of what a slice
// header and a struct for every keystroke would take, and leaves the garbage
// collector little to look at. For the same reason the records of an append are
// packed: one that has the source and the author of the one before is a few
// bytes, not a hundred.
type tailEntry struct {
	entry
	segment uint64
	times   timespan

	src, author []byte // of the newest record; parts of entry.records
}

// A joined entry is kept short, because a reader of its last record decodes all.
const (
	maxJoinedRecords = 256
	maxJoinedBytes   = 16 << 10
)

// The byte in front of a packed record.
const (
	packedNamed byte = iota // source and author follow
	packedAgain             // they are those of the record before
)

// extend takes an entry into tail. It copies the records.
func (d *document) extend(e *entry, times timespan, segment uint64) {
	most := len(e.records) + int(e.count) // if nothing can be left out
	room := 2 * most
	if n := len(d.tail); n > 0 {
		t := &d.tail[n-1]
		if t.takes(e, segment, most) {
			t.join(e, times)
			return
		}
		room = max(room, 2*cap(t.records))
	}
	t := tailEntry{entry: *e, segment: segment, times: times}
	t.document = d.id
	t.records = make([]byte, 0, max(most, min(room, maxJoinedBytes)))
	t.keep(e)
	d.tail = append(d.tail, t)
}

// takes answers whether the append e, which comes right after t, may join it.
// Records are never moved: where there is no room for e, another entry begins.
func (t *tailEntry) takes(e *entry, segment uint64, most int) bool {
	return t.kind == entryAppend && e.kind == entryAppend && !e.hasMeta && t.segment == segment &&
		t.count+e.count <= maxJoinedRecords && len(t.records)+most <= cap(t.records)
}

func (t *tailEntry) join(e *entry, times timespan) {
	if t.count == 0 {
		t.times.first = times.first
	}
	t.count += e.count
	t.keep(e)
	t.times.latest = max(t.times.latest, times.latest)
}

// keep copies what e carries into the room that t has for it.
func (t *tailEntry) keep(e *entry) {
	if e.kind != entryAppend {
		t.records = append(t.records, e.records...)
		return
	}
	_ = e.eachRecord(func(_ uint64, r rawRecord) { t.pack(r) }) // it was checked when it was made or read
}

func (t *tailEntry) pack(r rawRecord) {
	b := t.records
	if len(b) > 0 && bytes.Equal(r.src, t.src) && bytes.Equal(r.author, t.author) {
		b = append(b, packedAgain)
	} else {
		b = appendField(append(b, packedNamed), r.src)
		t.src = b[len(b)-len(r.src):]
		b = appendField(b, r.author)
		t.author = b[len(b)-len(r.author):]
	}
	b = binary.AppendUvarint(b, r.seq)
	b = binary.AppendVarint(b, r.time)
	t.records = appendField(b, r.payload)
}

// eachRecord calls fn for the records of an append entry, in order and with
// their revisions. Payloads alias t; names are copied (and shared by names).
func (t *tailEntry) eachRecord(names interner, fn func(Record) error) error {
	r := byteReader{b: t.records}
	var rec Record
	for i := range t.count {
		if r.byte() == packedNamed {
			rec.Src, rec.Author = names.internAfter(rec.Src, r.field()), names.internAfter(rec.Author, r.field())
		}
		rec.Revision, rec.Seq, rec.Time, rec.Payload = t.expect+i, r.uvarint(), r.varint(), r.field()
		if r.err != nil {
			return r.err
		}
		if err := fn(rec); err != nil {
			return err
		}
	}
	return r.end()
}
