package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
)

// Writer appends to one document. It belongs to one goroutine, except Durable
// and Wake, which any may call.
//
// Appends are queued and become durable in order. The writer tells how far by a
// number and a one-slot poke, never by waiting for its owner: so the owner may
// block in Append while the store pokes it.
//
// Law: Durable never counts a record that was not appended through this writer,
// except those that were durable when it was made.
type Writer struct {
	store *Store
	d     *document // nil if it could not be loaded
	wake  chan struct{}

	// refused is why the commit loop takes nothing more from this writer. Only
	// that loop touches it; err follows once all that came before is answered.
	refused error
	newest  *request // last one of the batch being answered that is durable; only that loop's

	mu      sync.Mutex
	durable uint64
	err     error
	closed  bool
}

// Writer opens a document for appending. The document need not exist. An error
// in loading it shows in Durable and in Append. Close releases it.
func (s *Store) Writer(document string) *Writer {
	w := &Writer{store: s, wake: make(chan struct{}, 1)}
	d, err := s.open(document)
	if err != nil {
		w.err = err
		return w
	}
	w.d = d
	s.mu.Lock()
	w.durable = d.head.revision
	d.writers[w] = struct{}{}
	if s.failed != nil {
		w.err = s.failed
	}
	s.mu.Unlock()
	return w
}

// open is acquire with a check of the ID.
func (s *Store) open(document string) (*document, error) {
	if err := checkDocument(document); err != nil {
		return nil, err
	}
	return s.acquire(document)
}

// Append queues records that take the document on from revision expect, and
// new metadata unless meta is nil; both become durable together or not at all.
// It copies what it needs. It waits while the store's queue is full.
//
// A nil result only means queued: see Durable. An error means that nothing was
// queued: the arguments break a limit, or the writer failed or was closed.
func (w *Writer) Append(expect uint64, recs []Record, meta []byte) error {
	if err := w.usable(); err != nil {
		return err
	}
	r, err := newAppend(w.d.id, expect, recs, meta)
	if err != nil {
		return err
	}
	r.writer = w
	return w.store.enqueue(context.Background(), w.d, r)
}

// Durable returns how many records of the document are known to be on disk
// through this writer, and the error that ended the writer for good, if any:
// ErrConflict, ErrNotFound, ErrNoSpace and ErrReadOnly (what follows the watermark is
// certainly not stored), ErrUnknown (it may or may not be), or what kept the
// document from being loaded.
func (w *Writer) Durable() (revision uint64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.durable, w.err
}

// Wake returns a channel that receives whenever Durable may have changed. It
// has one slot: several changes may be one poke, so ask Durable after each.
func (w *Writer) Wake() <-chan struct{} { return w.wake }

// Close releases the document. What was queued still becomes durable, and
// Durable still tells.
func (w *Writer) Close() {
	w.mu.Lock()
	done := w.closed || w.d == nil
	w.closed = true
	w.mu.Unlock()
	if done {
		return
	}
	s := w.store
	s.mu.Lock()
	delete(w.d.writers, w)
	s.mu.Unlock()
	s.release(w.d)
}

func (w *Writer) usable() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil && w.closed {
		return ErrClosed
	}
	return w.err
}

func (w *Writer) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

func (w *Writer) raise(revision uint64) {
	w.mu.Lock()
	w.durable = revision
	w.mu.Unlock()
	poke(w.wake)
}

// fail ends the writer; the first error stays.
func (w *Writer) fail(err error) {
	w.mu.Lock()
	if w.err == nil {
		w.err = err
	}
	w.mu.Unlock()
	poke(w.wake)
}

// failWriters ends every writer of d. Needs s.mu.
func (s *Store) failWriters(d *document, err error) {
	for w := range d.writers {
		w.fail(err)
	}
}

// enqueue queues r, which holds d until it is answered. The caller holds d too.
func (s *Store) enqueue(ctx context.Context, d *document, r *request) error {
	d.refs.Add(1)
	r.d = d
	if err := s.queue.push(ctx, r); err != nil {
		s.release(d)
		return err
	}
	return nil
}

// write queues r for a document and waits until its outcome is known.
func (s *Store) write(ctx context.Context, r *request) error {
	d, err := s.open(r.entry.document)
	if err != nil {
		return err
	}
	defer s.release(d)
	done := make(chan error, 1)
	r.done = done // once queued, r is the commit loop's
	if err := s.enqueue(ctx, d, r); err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("store: outcome unknown, not waited for: %w", ctx.Err())
	}
}

// Append stores records that take the document on from revision expect, and
// new metadata unless meta is nil, together or not at all. It returns nil once
// they are durable. Appending to a document that does not exist with expect 0
// creates it.
//
// Errors: ErrConflict if the document is not at revision expect, ErrNotFound if
// it does not exist and expect is above 0, and see the package comment.
func (s *Store) Append(ctx context.Context, document string, expect uint64, recs []Record, meta []byte) error {
	r, err := newAppend(document, expect, recs, meta)
	if err != nil {
		return err
	}
	return s.write(ctx, r)
}

// SetMeta replaces the metadata if its version is expectVersion, and makes it
// expectVersion+1. It returns nil once that is durable.
//
// Errors: ErrConflict if the version is another one, ErrNotFound, and see the
// package comment.
func (s *Store) SetMeta(ctx context.Context, document string, expectVersion uint64, meta []byte) error {
	if len(meta) > MaxMetaBytes {
		return tooLarge("metadata", len(meta), MaxMetaBytes)
	}
	r := &request{entry: entry{
		kind: entrySetMeta, document: document, expect: expectVersion,
		time: s.opt.Now().UnixMilli(), hasMeta: true, meta: append([]byte{}, meta...),
	}}
	r.body = appendEntry(nil, &r.entry)
	return s.write(ctx, r)
}

// Delete removes a document with its log, metadata and snapshots. It returns
// nil once that is durable; the bytes leave main.db in the background. Writers
// of the document end with ErrNotFound.
func (s *Store) Delete(ctx context.Context, document string) error {
	r := &request{entry: entry{kind: entryDelete, document: document}}
	r.body = appendEntry(nil, &r.entry)
	return s.write(ctx, r)
}

// newAppend checks and encodes an append.
func newAppend(document string, expect uint64, recs []Record, meta []byte) (*request, error) {
	if err := checkAppend(document, expect, recs, meta); err != nil {
		return nil, err
	}
	r := requests.Get().(*request)
	r.entry = entry{kind: entryAppend, document: document, expect: expect, count: uint64(len(recs))}
	if meta != nil {
		r.entry.hasMeta, r.entry.meta = true, append([]byte{}, meta...)
	}
	r.encode(recs)
	if len(r.body) > MaxAppendBytes {
		return nil, tooLarge("append", len(r.body), MaxAppendBytes)
	}
	for i := range recs {
		rec := &recs[i]
		r.last = noteLast(r.last, sourceLast{rec.Src, lastOf{rec.Seq, expect + uint64(i)}})
		if i == 0 {
			r.times = timespan{rec.Time, rec.Time}
		}
		r.times.latest = max(r.times.latest, rec.Time)
	}
	return r, nil
}

// encode sets the body of an append, and the entry's records, which are a part
// of it. It is what appendEntry would give, in one buffer: the length goes in
// front when it is known.
func (r *request) encode(recs []Record) {
	const room = binary.MaxVarintLen32
	b := appendEntryHead(append(r.buf[:0], make([]byte, room)...), &r.entry)
	head := len(b)
	for i := range recs {
		b = appendRecord(b, &recs[i])
	}
	var length [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(length[:], uint64(len(b)-room))
	copy(b[room-n:], length[:n])
	r.buf, r.body, r.entry.records = b, b[room-n:], b[head:]
}

func checkDocument(document string) error {
	if document == "" {
		return fmt.Errorf("%w: empty document ID", ErrInvalid)
	}
	if len(document) > MaxDocumentBytes {
		return tooLarge("document ID", len(document), MaxDocumentBytes)
	}
	return nil
}

func checkAppend(document string, expect uint64, recs []Record, meta []byte) error {
	if err := checkDocument(document); err != nil {
		return err
	}
	if len(recs) == 0 && meta == nil {
		return fmt.Errorf("%w: append of nothing to %q", ErrInvalid, document)
	}
	if len(meta) > MaxMetaBytes {
		return tooLarge("metadata", len(meta), MaxMetaBytes)
	}
	for i := range recs {
		r := &recs[i]
		if want := expect + uint64(i); r.Revision != 0 && r.Revision != want {
			return fmt.Errorf("%w: record %d of %q has revision %d, its place is %d", ErrInvalid, i, document, r.Revision, want)
		}
		switch {
		case len(r.Src) > MaxNameBytes:
			return tooLarge("record source", len(r.Src), MaxNameBytes)
		case len(r.Author) > MaxNameBytes:
			return tooLarge("record author", len(r.Author), MaxNameBytes)
		case len(r.Payload) > MaxPayloadBytes:
			return tooLarge("record payload", len(r.Payload), MaxPayloadBytes)
		}
	}
	return nil
}

func tooLarge(what string, have, limit int) error {
	return fmt.Errorf("%w: %s of %d bytes, the limit is %d", ErrTooLarge, what, have, limit)
}
