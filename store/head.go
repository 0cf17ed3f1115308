package store

import (
	"encoding/binary"
	"fmt"
)

// docHead is everything about a document but its records and snapshots.
type docHead struct {
	exists      bool
	revision    uint64 // number of records
	created     int64  // milliseconds since the epoch
	modified    int64
	meta        []byte
	metaVersion uint64
	messages    uint64 // number of messages
}

func (h *docHead) info(document string) Info {
	return Info{
		Document: document, Revision: h.revision, Messages: h.messages,
		Created: h.created, Modified: h.modified,
		Meta: append([]byte(nil), h.meta...), MetaVersion: h.metaVersion,
	}
}

// admit answers whether e may follow h: nil, ErrNotFound or ErrConflict.
func (h *docHead) admit(e *entry) error {
	switch {
	case !h.exists && (e.kind != entryAppend || e.expect > 0 || e.count == 0):
		return fmt.Errorf("%w: %q", ErrNotFound, e.document)
	case e.kind == entryAppend && e.expect != h.revision:
		return fmt.Errorf("%w: document %q is at revision %d, not %d", ErrConflict, e.document, h.revision, e.expect)
	case e.kind == entryMessages && e.expect != h.messages:
		return fmt.Errorf("%w: document %q has %d messages, not %d", ErrConflict, e.document, h.messages, e.expect)
	case e.kind == entrySetMeta && e.expect != h.metaVersion:
		return fmt.Errorf("%w: metadata of %q is at version %d, not %d", ErrConflict, e.document, h.metaVersion, e.expect)
	}
	return nil
}

// timespan is the times of an entry's first and latest record.
type timespan struct{ first, latest int64 }

// apply is the fold: it takes h past an admitted entry. Commit, flush and
// recovery all use it, so that they cannot disagree.
func (h *docHead) apply(e *entry, t timespan) {
	switch e.kind {
	case entryDelete:
		*h = docHead{}
		return
	case entrySetMeta:
		h.modified = max(h.modified, e.time)
	case entryMessages:
		h.messages += e.count
	case entryAppend:
		if !h.exists {
			*h = docHead{exists: true, created: t.first, modified: t.latest}
		}
		h.revision += e.count
		if e.count > 0 {
			h.modified = max(h.modified, t.latest)
		}
	}
	if e.hasMeta {
		h.meta = append([]byte{}, e.meta...)
		h.metaVersion++
	}
}

// header is a document's row in main.db.
type header struct {
	docHead        // meta itself lies in a bucket of its own
	number  uint64 // the document's number, never used twice; 0: not in main.db
	rewritten
}

// rewritten is what Retain and Redact did to a document.
type rewritten struct {
	first      uint64 // revision of the oldest record that is kept
	latest     int64  // if first is above 0: latest time of the records that are not kept
	redactions uint64
}

// encode returns the fields as varints. What came with format 2 is there only if
// it is not zero: most documents never have any of it.
func (h *header) encode() []byte {
	b := binary.AppendUvarint(nil, h.number)
	b = binary.AppendUvarint(b, h.revision)
	b = binary.AppendVarint(b, h.created)
	b = binary.AppendVarint(b, h.modified)
	b = binary.AppendUvarint(b, h.metaVersion)
	if h.messages == 0 && h.rewritten == (rewritten{}) {
		return b
	}
	b = binary.AppendUvarint(b, h.messages)
	b = binary.AppendUvarint(b, h.first)
	b = binary.AppendVarint(b, h.latest)
	return binary.AppendUvarint(b, h.redactions)
}

func decodeHeader(b []byte) (header, error) {
	r := byteReader{b: b}
	h := header{number: r.uvarint()}
	h.exists = true
	h.revision = r.uvarint()
	h.created = r.varint()
	h.modified = r.varint()
	h.metaVersion = r.uvarint()
	if len(r.b) > 0 {
		h.messages = r.uvarint()
		h.rewritten = rewritten{first: r.uvarint(), latest: r.varint(), redactions: r.uvarint()}
	}
	if err := r.end(); err != nil {
		return header{}, err
	}
	if h.number == 0 {
		return header{}, errShort
	}
	return h, nil
}
