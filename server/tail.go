package server

import (
	"github.com/quire-editor/quire/server/wire"
	"github.com/quire-editor/quire/store"
)

// record is a change with its place in the log and its author's mark.
type record struct {
	revision uint64
	src      string
	seq      uint64
	change   change
}

// op returns the record as it travels, under the src that the receiver is to see.
func (r record) op(document, src string) wire.Op {
	return wire.Op{
		Document: document, Version: r.revision, Src: src, Seq: r.seq,
		Edit: r.change.delta, Create: r.change.kind == changeCreate, Delete: r.change.kind == changeDelete,
	}
}

// entry is a record in the tail.
type entry struct {
	record
	// authors are the members that wait for the acknowledgement; they need not be shown the record itself.
	authors []*member
	// admitted is when it came, in milliseconds since the epoch.
	admitted int64
	// bytes is about what the record takes in memory.
	bytes int
	// answers are called once the record's fate is known: nil for durable.
	answers []func(error)
}

func (e *entry) answer(err error) {
	for _, f := range e.answers {
		f(err)
	}
	e.answers, e.authors = nil, nil
}

// tail is the newest records of a document, in order and without a gap.
type tail struct {
	first   uint64
	entries []*entry
	// bytes is the sum of the entries'.
	bytes int
	// length and maxBytes are tailLength and tailBytes, but for tests.
	length   uint64
	maxBytes int
}

const (
	// tailLength is how many durable records a room keeps in memory. Almost every submission was made against one of the
	// last few; older ones are read from the log.
	tailLength = 512
	// tailBytes is how much memory they may take.
	tailBytes = 16 << 20
	// opBytes is what one op of a delta takes in memory, beside its text.
	opBytes = 64
)

func (t *tail) push(e *entry) {
	t.entries = append(t.entries, e)
	t.bytes += e.bytes
}

// since returns the entries from a revision on that are in the tail.
func (t *tail) since(revision uint64) []*entry {
	if revision <= t.first {
		return t.entries
	}
	return t.entries[min(revision-t.first, uint64(len(t.entries))):]
}

func (t *tail) at(revision uint64) *entry { return t.entries[revision-t.first] }

// trim forgets durable entries beyond the bounds. It lets twice as much gather, so that the copying is rare.
func (t *tail) trim(durable uint64) {
	if durable < t.first+2*t.length && t.bytes <= 2*t.maxBytes {
		return
	}
	n := uint64(0)
	for t.first+n < durable && (t.first+n+t.length < durable || t.bytes > t.maxBytes) {
		t.bytes -= t.entries[n].bytes
		n++
	}
	t.entries = append([]*entry(nil), t.entries[n:]...)
	t.first += n
}

// each calls fn for the records from <= revision < to, from the log where the tail does not reach back far enough.
func (r *Room) each(from, to uint64, fn func(record) error) error {
	if from < r.tail.first && from < to {
		end := min(to, r.tail.first)
		err := r.log.Records(from, end, func(stored store.Record) error {
			c, err := decodeChange(stored.Payload)
			if err != nil {
				return err
			}
			return fn(record{stored.Revision, stored.Src, stored.Seq, c})
		})
		if err != nil {
			return err
		}
		from = end
	}
	for _, e := range r.tail.since(from) {
		if e.revision >= to {
			break
		}
		if err := fn(e.record); err != nil {
			return err
		}
	}
	return nil
}
