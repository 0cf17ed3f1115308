package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// segment is a run of journal frames in one bucket. The commit loop fills the
// active one and seals it; the flusher brings sealed ones into main.db, oldest
// first; a later commit drops the bucket.
type segment struct {
	number uint64
	last   uint64 // last frame, 0 while empty
	bytes  int
	docs   []*document // documents with entries in it, each once
}

func newSegment(number uint64) *segment {
	return &segment{number: number}
}

// list notes that the segment, which is the newest, has entries of d.
func (g *segment) list(d *document) {
	if d.listed != g.number {
		d.listed = g.number
		g.docs = append(g.docs, d)
	}
}

// commitLoop is the only goroutine that writes journal.db. Each round commits
// what all writers queued meanwhile in one transaction and answers them after
// its fsync. Rounds start at least MinGap apart: under load that trades a
// millisecond for much less work per record; after idle a round starts at once. The
// loop rests before it looks for work, so that nobody has to wake it meanwhile.
func (s *Store) commitLoop() {
	defer close(s.commitEnded)
	defer s.queue.timer.close()
	for {
		s.queue.rest()
		if !s.queue.wait(s.markSettled) {
			return
		}
		batch, seal := s.queue.take()
		s.commit(batch)
		s.sealSegment(seal)
		for _, fn := range s.queue.takeCalls() {
			fn()
		}
	}
}

// blocked holds the journal back while too much of it waits for main.db, which
// bounds memory. It answers why nothing can be committed, if so.
func (s *Store) blocked() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.sealed) >= maxSealed && s.failed == nil && s.flushErr == nil {
		s.changed.Wait()
	}
	if len(s.sealed) >= maxSealed && s.flushErr != nil {
		return s.flushErr
	}
	return s.failed
}

// commit makes the admissible requests of a batch durable, and then answers all
// in the order they came: a writer that learns of a refusal knows the outcome of
// everything it queued before.
func (s *Store) commit(batch []*request) {
	err := s.blocked()
	if err == nil {
		err = s.commitAdmitted(batch)
	}
	for _, r := range batch {
		if r.refusal == nil {
			r.refusal = err
		}
		if r.refusal == nil && r.writer != nil {
			r.writer.newest = r
		}
	}
	for _, r := range batch {
		r.answer()
		if r.refusal == nil && r.entry.kind == entryDelete {
			s.eachWriter(r.d, func(w *Writer) {
				if w.refused != nil {
					w.fail(w.refused)
				}
			})
		}
	}
	s.mu.Lock()
	for _, r := range batch {
		r.d.refs.Add(-1)
		s.forget(r.d)
	}
	s.mu.Unlock()
	s.queue.recycle(batch)
}

func (s *Store) commitAdmitted(batch []*request) error {
	body := s.admit(batch)
	if len(body) == 0 {
		return nil
	}
	began := time.Now()
	last, err := s.writeJournal(body)
	if s.opt.Committed != nil {
		s.opt.Committed(Commit{len(batch), time.Since(began), s.journal.syncTook, err != nil})
	}
	switch {
	case err == nil:
		s.publish(batch, last, len(body))
		return nil
	case isRefused(err):
		for _, r := range batch {
			r.d.staged = r.d.head // only this goroutine changes head
		}
		return err
	}
	return s.fail(err)
}

// admit checks every request against the state that the requests before it
// leave, marks those that do not fit, and returns the bytes of the others.
func (s *Store) admit(batch []*request) []byte {
	body, full := s.body[:0], s.full()
	for _, r := range batch {
		if r.refusal = r.admit(full); r.refusal != nil {
			continue
		}
		body = append(body, r.body...)
		if r.entry.kind == entryDelete {
			s.eachWriter(r.d, func(w *Writer) {
				w.refused = fmt.Errorf("%w: %q was deleted", ErrNotFound, r.d.id)
			})
		}
	}
	if s.body = body; cap(body) > 2*maxBatchBytes {
		s.body, s.frames = nil, nil // one huge append shall not hold memory for ever
	}
	return body
}

// admit checks a request; full is why nothing may be added, if so.
func (r *request) admit(full error) error {
	if full != nil && !r.entry.adds() {
		full = nil
	}
	w := r.writer
	if w == nil {
		return r.stage(full)
	}
	if w.refused == nil {
		w.refused = w.failure()
	}
	if w.refused == nil {
		w.refused = r.stage(full)
	}
	return w.refused
}

func (r *request) stage(full error) error {
	if full != nil {
		return full
	}
	return r.d.stage(r)
}

// eachWriter calls fn for the writers that d has now.
func (s *Store) eachWriter(d *document, fn func(*Writer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range d.writers {
		fn(w)
	}
}

func (d *document) stage(r *request) error {
	err := d.staged.admit(&r.entry)
	if err == nil {
		d.staged.apply(&r.entry, r.times)
	}
	return err
}

// writeJournal stores a batch in the active segment and drops the segments
// that main.db holds. It returns nil after the fsync, ErrNoSpace or ErrReadOnly if the batch
// is certainly not stored, or an error that leaves the outcome unknown.
//
// It returns the batch's last frame.
func (s *Store) writeJournal(body []byte) (last uint64, err error) {
	if err := s.journal.missing(s.dir); err != nil {
		return 0, err
	}
	s.mu.Lock()
	drop := s.drop
	s.mu.Unlock()
	body, sum := chain(body, s.end.sum)
	s.body = body
	end := journalEnd{s.nextFrame + frames(len(body)) - 1, sum}
	update := s.journal.updateOnce
	if s.careful {
		update = s.journal.update
	}
	var id int
	err = update(func(tx *bolt.Tx) error {
		id = tx.ID()
		b, err := segmentBucket(tx, s.active.number)
		if err != nil {
			return err
		}
		b.FillPercent = 1
		for _, n := range drop {
			if err := tx.DeleteBucket(numberKey(n)); err != nil && !errors.Is(err, berrors.ErrBucketNotFound) {
				return err
			}
		}
		if err := b.SetSequence(end.last); err != nil {
			return err
		}
		if s.frames, err = putFrames(s.frames, body, s.nextFrame, b.Put); err != nil {
			return err
		}
		return stampJournal(tx, end)
	})
	if s.careful = err != nil; err != nil {
		return 0, classify(s.journal, err, id)
	}
	s.end, s.unsettled = end, uint64(id)
	s.journal.synced()
	s.mu.Lock()
	s.drop = s.drop[len(drop):]
	s.mu.Unlock()
	return end.last, nil
}

// segmentBucket returns a segment's bucket, which the segment's first commit makes.
func segmentBucket(tx *bolt.Tx, number uint64) (*bolt.Bucket, error) {
	if b := tx.Bucket(numberKey(number)); b != nil {
		return b, nil
	}
	return tx.CreateBucket(numberKey(number))
}

// classify tells a disk that refuses writes from the rest. bbolt writes all data pages, syncs,
// and only then the meta page that makes the transaction count. If a
// transaction begun now still sees the meta page before tx, that write was not
// reached: the pages written lie in free space and tx is certainly not stored.
func classify(f *file, err error, tx int) error {
	refused := refusedBy(err)
	if refused == nil {
		return err
	}
	var now int
	if e := f.view(func(t *bolt.Tx) error { now = t.ID(); return nil }); e != nil || now >= tx {
		return errors.Join(err, e)
	}
	return fmt.Errorf("%w: %w", refused, err)
}

// publish makes the admitted requests of a batch, now durable, visible.
func (s *Store) publish(batch []*request, last uint64, size int) {
	s.nextFrame = last + 1
	s.mu.Lock()
	s.active.last = last
	s.active.bytes += size
	defer s.mu.Unlock()
	for _, r := range batch {
		if r.refusal != nil {
			continue
		}
		s.record(r.d, &r.entry, r.times, r.last, s.active)
	}
}

// answer tells the requester the outcome, without ever waiting for it. A writer
// hears once of all its requests that one commit stored.
func (r *request) answer() {
	switch {
	case r.done != nil:
		r.done <- r.refusal
	case r.refusal != nil:
		r.writer.fail(r.refusal)
	case r.writer.newest == r:
		r.writer.newest = nil
		r.writer.raise(r.entry.expect + r.entry.count)
	}
}

// sealSegment hands the active segment to the flusher if it is full or asked for, or
// if the store is full: what is deleted then makes room.
func (s *Store) sealSegment(asked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active.last > 0 && (asked || s.active.bytes >= s.opt.SegmentBytes || s.full() != nil) {
		s.sealed = append(s.sealed, s.active)
		s.active = newSegment(s.active.number + 1)
	}
	if asked {
		s.sealRounds++
		s.changed.Broadcast()
	}
	if asked || len(s.sealed) > 0 {
		poke(s.flushWake)
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func isSegment(name []byte) bool {
	_, ok := segmentNumber(name)
	return ok
}

func segmentNumber(name []byte) (uint64, bool) {
	if len(name) != 8 {
		return 0, false
	}
	return binary.BigEndian.Uint64(name), true
}
