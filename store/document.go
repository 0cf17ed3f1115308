package store

import (
	"fmt"
	"sync/atomic"

	bolt "go.etcd.io/bbolt"
)

// document is what memory holds of a document that is open, has records in the
// journal only, or has a snapshot waiting for main.db. Any other document has
// no trace in memory: release forgets it.
//
// Law: main.db's row (base), followed by tail, gives head.
type document struct {
	id    string
	ready chan struct{} // closed when loaded
	err   error         // why loading failed; read after ready

	// staged is head with the batch being committed; only the commit loop
	// touches it once the document is loaded.
	staged docHead

	// refs counts who needs the document in memory: writers, calls and queued
	// requests. Whoever has one may add one; it falls under Store.mu only.
	refs atomic.Int64

	// Guarded by Store.mu.
	head docHead // durable
	base base
	rewritten
	tail     []tailEntry // durable entries that main.db lacks
	deletes  int         // deletions within tail
	listed   uint64      // newest segment that lists the document
	sources  sourceTable // of the records within tail
	snapshot *Snapshot   // newest one that main.db lacks; State is compressed
	writers  map[*Writer]struct{}
}

// base is what main.db holds of a document. A number of zero: nothing, or
// nothing that counts because the tail begins by deleting it.
type base struct{ number, revision uint64 }

// drops returns ErrDropped for a revision that is no longer kept.
func (r rewritten) drops(document string, revision uint64) error {
	if revision < r.first {
		return fmt.Errorf("%w: %q from revision %d, kept is what follows %d", ErrDropped, document, revision, r.first)
	}
	return nil
}

// acquire returns the document's state, loaded, and holds it in memory until
// release. The document need not exist.
//
// Law: at most one state per document is in memory, and while none is, nothing
// of the document is outside main.db. So what acquire loads is complete.
func (s *Store) acquire(id string) (*document, error) {
	s.mu.Lock()
	if err := s.usable(); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	d, found := s.docs[id]
	if !found {
		d = &document{id: id, ready: make(chan struct{}), writers: map[*Writer]struct{}{}}
		s.docs[id] = d
	}
	d.refs.Add(1)
	s.mu.Unlock()
	if found {
		<-d.ready
	} else {
		s.load(d)
	}
	if d.err != nil {
		s.release(d)
		return nil, d.err
	}
	return d, nil
}

func (s *Store) load(d *document) {
	defer close(d.ready)
	var h header
	err := s.main.view(func(tx *bolt.Tx) (err error) {
		h, err = loadWhole(tx, d.id)
		return err
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		d.err = err
		delete(s.docs, d.id)
		return
	}
	d.setBase(h)
}

func (d *document) setBase(h header) {
	d.base = base{h.number, h.revision}
	d.rewritten = h.rewritten
	d.head, d.staged = h.docHead, h.docHead
}

func (s *Store) release(d *document) {
	s.mu.Lock()
	d.refs.Add(-1)
	s.forget(d)
	s.mu.Unlock()
}

// forget drops the state of a document that nothing needs. Needs s.mu.
func (s *Store) forget(d *document) {
	if d.refs.Load() == 0 && len(d.tail) == 0 && d.snapshot == nil && s.docs[d.id] == d {
		delete(s.docs, d.id)
	}
}

// record takes one durable entry into memory. It copies the records and keeps
// the metadata. Needs s.mu.
func (s *Store) record(d *document, e *entry, times timespan, last []sourceLast, seg *segment) {
	d.head.apply(e, times)
	d.extend(e, times, seg.number)
	seg.list(d)
	if e.kind == entryDelete {
		d.deletes++
		d.base, d.rewritten, d.sources = base{}, rewritten{}, sourceTable{}
		s.dropSnapshot(d)
	}
	for _, l := range last {
		d.sources.set(l)
	}
}

// settle forgets the entries up to a segment, which main.db now holds with h.
// Needs s.mu.
func (s *Store) settle(d *document, segment uint64, h header) {
	n := 0
	for n < len(d.tail) && d.tail[n].segment <= segment {
		if d.tail[n].kind == entryDelete {
			d.deletes--
		}
		n++
	}
	d.tail = append([]tailEntry(nil), d.tail[n:]...)
	if d.deletes == 0 {
		d.base = base{h.number, h.revision}
		d.rewritten = h.rewritten
		d.sources.forget(h.revision)
	}
	s.forget(d)
}

// live returns the entries of tail after its last deletion. The last entry may
// be joined by others: keep a copy.
func (d *document) live() []tailEntry {
	t := d.tail
	if d.deletes > 0 {
		for i := len(t) - 1; i >= 0; i-- {
			if t[i].kind == entryDelete {
				return t[i+1:]
			}
		}
	}
	return t
}
