package store

import (
	"bytes"
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Redaction says what is to be rewritten in a document, and how. Each function
// returns the new bytes, or the old ones to leave them as they are; it may be
// called again for the same thing. They must not call the store.
type Redaction struct {
	// From and To say which records Record sees: those with revisions From <= r <
	// To. If there are none, snapshots stay as well.
	From, To uint64

	// Record returns a record's new payload. nil leaves the records as they are.
	Record func(Record) ([]byte, error)
	// Snapshot returns the new state of a snapshot above From. nil drops these
	// snapshots, except that those which replace dropped records need it.
	Snapshot func(Snapshot) ([]byte, error)
	// Message returns a message's new payload. nil leaves the messages as they are.
	Message func(Message) ([]byte, error)
}

// Redact rewrites payloads, states and messages of a document, so that no byte of
// what is taken out remains in either file, unused space included. Revisions,
// indices, sources, authors and times stay. What metadata, messages and records
// held before they were replaced by ordinary means goes as well.
//
// Readers see the document as it was or as it becomes; one that reads its log in
// pieces meanwhile gets ErrConflict. Interrupted at any point, by a crash or by
// its context, it either did not begin, or Open completes it.
//
// Whoever has the document's state in memory must load it again before it
// appends or puts a snapshot. Backups made before hold the old text.
//
// Errors: ErrNotFound, ErrInvalid, ErrTooLarge, ErrCorrupt, those of the
// functions, and see the package comment.
func (s *Store) Redact(ctx context.Context, document string, r Redaction) error {
	end, err := s.beginUpkeep(ctx)
	if err != nil {
		return err
	}
	defer end()
	if err := s.Flush(ctx); err != nil {
		return err
	}
	s.step("the journal is flushed")
	if err := s.rewrite(&rewriter{s: s, ctx: ctx, document: document, r: r}); err != nil {
		return err
	}
	return s.scrub()
}

// rewrite brings the new values into main.db.
func (s *Store) rewrite(w *rewriter) error {
	release, err := s.holdMain()
	defer release()
	if err != nil {
		return err
	}
	if err := w.prepare(); err != nil {
		return fmt.Errorf("store: redact %q: %w", w.document, err)
	}
	s.step("the new values are made")
	w.dropWaiting()
	if err := s.outcome(s.updateMain(w.write)); err != nil {
		return err
	}
	s.publishRewritten(w.document, w.header)
	w.dropWaiting()
	s.step("the new values are written")
	return nil
}

// rewriter makes the new values of a document and stores them.
type rewriter struct {
	s        *Store
	ctx      context.Context
	document string
	r        Redaction

	header header
	puts   []rewrite
}

// rewrite is a value to be replaced, or removed if value is nil.
type rewrite struct {
	bucket []byte
	n      uint64
	value  []byte
}

func (w *rewriter) prepare() error {
	err := w.s.main.view(func(tx *bolt.Tx) (err error) {
		w.header, err = loadHeader(tx, w.document)
		return err
	})
	if err == nil && !w.header.exists {
		err = ErrNotFound
	}
	if err == nil && w.r.Record != nil {
		err = w.records()
	}
	if err == nil && w.r.From < w.r.To {
		err = w.snapshots()
	}
	if err == nil && w.r.Message != nil {
		err = w.messages()
	}
	return err
}

func (w *rewriter) records() error {
	h := w.header
	for next := max(w.r.From, h.first); next < min(w.r.To, h.revision); {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		var recs []Record
		err := w.s.main.view(func(tx *bolt.Tx) (err error) {
			recs, err = w.s.readChunk(tx.Bucket(bucketChunks), h.number, next)
			return err
		})
		if err != nil {
			return err
		}
		last := recs[len(recs)-1].Revision
		changed, err := w.chunk(recs)
		if err != nil {
			return err
		}
		if changed {
			w.puts = append(w.puts, rewrite{bucketChunks, last, w.s.codec.encodeChunk(recs)})
		}
		next = last + 1
	}
	return nil
}

// chunk rewrites records in place.
func (w *rewriter) chunk(recs []Record) (changed bool, err error) {
	for i := range recs {
		rec := &recs[i]
		if rec.Revision < w.r.From || rec.Revision >= w.r.To {
			continue
		}
		old := rec.Payload
		given := *rec
		given.Payload = bytes.Clone(old)
		if rec.Payload, err = w.r.Record(given); err != nil {
			return false, err
		}
		if len(rec.Payload) > MaxPayloadBytes {
			return false, tooLarge("record payload", len(rec.Payload), MaxPayloadBytes)
		}
		changed = changed || !bytes.Equal(old, rec.Payload)
	}
	return changed, nil
}

// snapshots rewrites the snapshots above From, the newest first.
func (w *rewriter) snapshots() error {
	for n := uint64(0); ; n++ {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		found, err := w.s.loadSnapshot(w.header.number, ^n)
		if err != nil || found == nil || found.Revision <= w.r.From {
			return err
		}
		n = ^found.Revision
		put, err := w.snapshot(found)
		if err != nil {
			return err
		}
		if put != nil {
			w.puts = append(w.puts, *put)
		}
	}
}

func (w *rewriter) snapshot(found *Snapshot) (*rewrite, error) {
	if w.r.Snapshot == nil {
		if found.Revision <= w.header.first {
			return nil, fmt.Errorf("%w: the state at revision %d replaces dropped records and has to be rewritten", ErrInvalid, found.Revision)
		}
		return &rewrite{bucketSnapshots, ^found.Revision, nil}, nil
	}
	old, err := w.s.codec.decompress(found.State, MaxSnapshotBytes)
	if err != nil {
		return nil, corrupt(mainName, err, "snapshot at revision %d", found.Revision)
	}
	state, err := w.r.Snapshot(Snapshot{found.Revision, bytes.Clone(old)})
	switch {
	case err != nil:
		return nil, err
	case len(state) > MaxSnapshotBytes:
		return nil, tooLarge("snapshot", len(state), MaxSnapshotBytes)
	case bytes.Equal(old, state):
		return nil, nil
	}
	return &rewrite{bucketSnapshots, ^found.Revision, w.s.codec.compress(state)}, nil
}

func (w *rewriter) messages() error {
	h := w.header
	for next := uint64(0); next < h.messages; {
		var found []Message
		err := w.s.main.view(func(tx *bolt.Tx) (err error) {
			found, err = readMessages(tx, h.number, next, min(h.messages, next+messageBatch))
			return err
		})
		if err == nil {
			err = w.ctx.Err()
		}
		if err != nil {
			return err
		}
		for i := range found {
			if err := w.message(&found[i]); err != nil {
				return err
			}
		}
		next += uint64(len(found))
	}
	return nil
}

func (w *rewriter) message(m *Message) error {
	given := *m
	given.Payload = bytes.Clone(m.Payload)
	payload, err := w.r.Message(given)
	switch {
	case err != nil:
		return err
	case len(payload) > MaxMessageBytes:
		return tooLarge("message payload", len(payload), MaxMessageBytes)
	case bytes.Equal(payload, m.Payload):
		return nil
	}
	m.Payload = payload
	w.puts = append(w.puts, rewrite{bucketMessages, m.Index, appendMessage(nil, m)})
	return nil
}

// write stores the new values in one transaction, with the note that the old ones
// are still in free pages.
func (w *rewriter) write(tx *bolt.Tx) error {
	number := w.header.number
	for i := range w.puts {
		p := &w.puts[i]
		b := tx.Bucket(p.bucket)
		if err := deletePrefix(b, partKey(number, p.n, 0)[:16]); err != nil {
			return err
		}
		if p.value == nil {
			continue
		}
		if err := putParts(b, number, p.n, p.value); err != nil {
			return err
		}
	}
	w.header.redactions++
	if err := storeHeader(tx, w.document, &w.header, false); err != nil {
		return err
	}
	return noteScrub(tx)
}

// dropWaiting forgets a snapshot above From that waits in memory.
func (w *rewriter) dropWaiting() {
	s := w.s
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.docs[w.document]
	if w.r.From < w.r.To && d != nil && d.loaded() && d.snapshot != nil && d.snapshot.Revision > w.r.From {
		s.dropSnapshot(d)
		s.forget(d)
	}
}

// publishRewritten tells memory what upkeep did to a document in main.db.
func (s *Store) publishRewritten(document string, h header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.docs[document]; d != nil && d.loaded() && d.base.number == h.number {
		d.rewritten = h.rewritten
	}
}
