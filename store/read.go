package store

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	bolt "go.etcd.io/bbolt"
)

// view is a document at one instant: main.db's records up to base, then tail.
type view struct {
	head docHead
	base base
	rewritten
	tail     []tailEntry
	snapshot *Snapshot
}

// look returns a document at this instant, or ErrNotFound. It keeps nothing in
// memory.
func (s *Store) look(document string) (view, error) {
	if err := checkDocument(document); err != nil {
		return view{}, err
	}
	v, known, err := s.lookMemory(document)
	if err == nil && !known {
		err = s.main.view(func(tx *bolt.Tx) error {
			h, err := loadWhole(tx, document)
			v = view{head: h.docHead, base: base{h.number, h.revision}, rewritten: h.rewritten}
			return err
		})
	}
	if err == nil && !v.head.exists {
		err = fmt.Errorf("%w: %q", ErrNotFound, document)
	}
	return v, err
}

func (s *Store) lookMemory(document string) (v view, known bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return view{}, false, err
	}
	d := s.docs[document]
	if d == nil || !d.loaded() {
		return view{}, false, nil // then all of it is in main.db
	}
	return view{head: d.head, base: d.base, rewritten: d.rewritten, tail: slices.Clone(d.live()), snapshot: d.snapshot}, true, nil
}

func (d *document) loaded() bool {
	select {
	case <-d.ready:
		return d.err == nil
	default:
		return false
	}
}

// Info describes a document. ErrNotFound if it does not exist.
func (s *Store) Info(document string) (Info, error) {
	v, err := s.look(document)
	if err != nil {
		return Info{}, err
	}
	return v.info(document), nil
}

func (v *view) info(document string) Info {
	info := v.head.info(document)
	info.First, info.Redactions = v.first, v.redactions
	return info
}

// List returns at most limit documents in the order of their IDs (bytewise),
// beginning after the ID after. A limit of zero or less means all.
func (s *Store) List(after string, limit int) ([]Info, error) {
	newer, err := s.unflushed(after)
	if err != nil {
		return nil, err
	}
	out, err := s.listMain(after, limit, newer)
	if err != nil {
		return nil, err
	}
	for id, v := range newer {
		if v.head.exists {
			out = append(out, v.info(id))
		}
	}
	slices.SortFunc(out, func(a, b Info) int { return strings.Compare(a.Document, b.Document) })
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out, nil
}

// unflushed returns the documents after an ID that differ from main.db.
func (s *Store) unflushed(after string) (map[string]view, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return nil, err
	}
	out := map[string]view{}
	for id, d := range s.docs {
		if id > after && len(d.tail) > 0 {
			out[id] = view{head: d.head, rewritten: d.rewritten}
		}
	}
	return out, nil
}

// listMain lists main.db's documents without those in skip.
func (s *Store) listMain(after string, limit int, skip map[string]view) (out []Info, err error) {
	err = s.main.view(func(tx *bolt.Tx) error {
		c, metas := readCursor(tx.Bucket(bucketDocuments)), readCursor(tx.Bucket(bucketMeta))
		for k, v := c.Seek([]byte(after)); k != nil && (limit <= 0 || len(out) < limit); k, v = c.Next() {
			id := string(k)
			if _, changed := skip[id]; changed || id <= after {
				continue
			}
			h, err := readHeader(metas, k, v)
			if err != nil {
				return err
			}
			v := view{head: h.docHead, rewritten: h.rewritten}
			out = append(out, v.info(id))
		}
		return nil
	})
	return out, err
}

// recordSlices are the memory into which chunks are read.
var recordSlices = sync.Pool{New: func() any { return new([]Record) }}

// Records calls fn for the durable records of a document with revisions from
// <= r < to, in order. It ends early, without an error, where the log ends, and
// with fn's error if that is not nil. fn may keep what it is given, and may take
// its time and call the store: no lock and no transaction is held meanwhile.
//
// Errors: ErrNotFound, also when the document is deleted meanwhile; ErrDropped;
// ErrConflict if the log is redacted meanwhile; ErrCorrupt.
func (s *Store) Records(document string, from, to uint64, fn func(Record) error) error {
	v, err := s.look(document)
	if err != nil {
		return err
	}
	to = min(to, v.head.revision)
	memory := recordSlices.Get().(*[]Record) // fn is given records one by one
	defer recordSlices.Put(memory)
	for from < min(to, v.base.revision) {
		recs, err := s.chunkAt(*memory, document, &v, from)
		if err != nil {
			return err
		}
		*memory = recs[:0]
		recs = recs[from-recs[0].Revision:]
		if n := min(to, v.base.revision) - from; n < uint64(len(recs)) {
			recs = recs[:n]
		}
		for i := range recs {
			if err := fn(recs[i]); err != nil {
				return err
			}
		}
		from += uint64(len(recs))
	}
	return tailRecords(document, v.tail, from, to, fn)
}

// chunkAt returns the records of the chunk that holds a revision. Chunks are
// joined and replaced as documents grow, so each is looked up anew.
func (s *Store) chunkAt(into []Record, document string, seen *view, revision uint64) (recs []Record, err error) {
	err = s.main.view(func(tx *bolt.Tx) error {
		if err := seen.still(tx, document, revision); err != nil {
			return err
		}
		recs, err = s.readChunkInto(into, tx.Bucket(bucketChunks), seen.base.number, revision)
		return err
	})
	return recs, err
}

// still returns why what a view shows of a document is not what main.db has from
// a revision on: it was deleted or redacted meanwhile, or the records dropped.
func (v *view) still(tx *bolt.Tx, document string, revision uint64) error {
	h, err := loadHeader(tx, document)
	switch {
	case err != nil:
		return err
	case h.number != v.base.number:
		return fmt.Errorf("%w: %q was deleted meanwhile", ErrNotFound, document)
	case h.redactions != v.redactions:
		return fmt.Errorf("%w: %q was redacted meanwhile, read again", ErrConflict, document)
	}
	return h.drops(document, revision)
}

func tailRecords(document string, tail []tailEntry, from, to uint64, fn func(Record) error) error {
	names := interner{}
	for i := range tail {
		t := &tail[i]
		if t.kind != entryAppend || t.expect+t.count <= from || t.expect >= to {
			continue
		}
		var outer error
		err := t.eachRecord(names, func(r Record) error {
			if r.Revision < from || r.Revision >= to {
				return nil
			}
			r.Payload = append([]byte(nil), r.Payload...)
			outer = fn(r)
			return outer
		})
		if outer != nil {
			return outer
		}
		if err != nil {
			return corrupt(journalName, err, "records of document %q from revision %d", document, t.expect)
		}
	}
	return nil
}

// Last returns the sequence number and revision of the newest durable record of
// a source in a document, and false if there is none: the table that makes
// delivery exactly once. ErrNotFound if the document does not exist.
func (s *Store) Last(document, src string) (seq, revision uint64, ok bool, err error) {
	if err := checkDocument(document); err != nil {
		return 0, 0, false, err
	}
	number, l, ok, err := s.lastInMemory(document, src)
	if err != nil || ok {
		return l.seq, l.revision, ok, err
	}
	err = s.main.view(func(tx *bolt.Tx) error {
		if number == unknownNumber {
			h, err := loadHeader(tx, document)
			if err != nil {
				return err
			}
			if !h.exists {
				return fmt.Errorf("%w: %q", ErrNotFound, document)
			}
			number = h.number
		}
		l, ok, err = loadSource(tx, number, src)
		return err
	})
	return l.seq, l.revision, ok, err
}

// unknownNumber stands for the number of a document that memory knows nothing of.
const unknownNumber = ^uint64(0)

// lastInMemory returns a source's newest record if main.db lacks it, else the
// number under which main.db has the document.
func (s *Store) lastInMemory(document, src string) (number uint64, l lastOf, ok bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return 0, lastOf{}, false, err
	}
	d := s.docs[document]
	if d == nil || !d.loaded() {
		return unknownNumber, lastOf{}, false, nil
	}
	if !d.head.exists {
		return 0, lastOf{}, false, fmt.Errorf("%w: %q", ErrNotFound, document)
	}
	l, ok = d.sources.get(src)
	return d.base.number, l, ok, nil
}
