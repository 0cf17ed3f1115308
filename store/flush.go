package store

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	// maxSealed is how many segments may wait for main.db before commits do.
	maxSealed = 2
	// flushRetry is how long the flusher waits when main.db has no room.
	flushRetry = time.Second
)

// flushLoop is the goroutine that writes main.db, but for Redact, Retain and
// Compact, which hold mainWriter meanwhile.
func (s *Store) flushLoop() {
	defer close(s.flushEnded)
	for {
		var retry <-chan time.Time
		switch {
		case s.flushRound() != nil:
			retry = time.After(flushRetry)
		case s.shrinkJournal():
			retry = time.After(shrinkRetry)
		}
		select {
		case <-s.flushWake:
		case <-retry:
		case <-s.flushStop:
			_ = s.flushRound() // its error is kept in s.flushErr or s.failed
			return
		}
	}
}

// flushRound brings all sealed segments and waiting snapshots into main.db.
func (s *Store) flushRound() error {
	s.mainWriter.Lock()
	defer s.mainWriter.Unlock()
	s.mu.Lock()
	s.roundsBegun++
	round := s.roundsBegun
	s.mu.Unlock()
	err := s.flushSealed()
	if err == nil {
		err = s.flushSnapshots()
	}
	if err == nil {
		err = s.reap()
	}
	if err != nil && !isRefused(err) {
		err = s.fail(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && s.flushErr == nil {
		s.opt.Logger.Error("store: cannot move records into main.db, they stay in the journal", "error", err)
	}
	s.flushErr = err
	s.roundsEnded = round
	s.changed.Broadcast()
	return err
}

func (s *Store) flushSealed() error {
	for {
		s.mu.Lock()
		sealed := slices.Clone(s.sealed)
		failed := s.failed != nil
		s.mu.Unlock()
		if len(sealed) == 0 || failed {
			return nil
		}
		if err := s.flushSegments(sealed); err != nil {
			return err
		}
	}
}

// docFlush is a document's part of a flush.
type docFlush struct {
	d       *document
	base    base
	deletes int
	entries []tailEntry
	after   header
}

// flushSegments stores the oldest segments in main.db in one transaction, and only
// after that transaction returned lets the journal drop them. Law: at every
// instant, each durable record is in main.db or in a segment that is not dropped.
//
// Between documents it lets others run: on one processor a commit would
// otherwise wait until the scheduler takes the processor away from it.
func (s *Store) flushSegments(segments []*segment) error {
	newest := segments[len(segments)-1]
	jobs := s.flushJobs(segments)
	err := s.updateMain(func(tx *bolt.Tx) error {
		for _, j := range jobs {
			if err := s.flushDocument(tx, j); err != nil {
				return err
			}
			runtime.Gosched()
		}
		return storeFlushed(tx, newest.last)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range jobs {
		s.settle(j.d, newest.number, j.after)
	}
	s.sealed = s.sealed[len(segments):]
	for _, g := range segments {
		s.drop = append(s.drop, g.number)
	}
	s.changed.Broadcast()
	return nil
}

// mainGrowth is by how much main.db grows when it is full: a small file by
// little, so that it has no room to spare, a large one by enough that it seldom
// has to.
func mainGrowth(size int64) int {
	return int(min(max(size/32, minMainGrowth), maxMainGrowth)) / pageSize * pageSize
}

// updateMain runs a main.db transaction. ErrNoSpace, ErrReadOnly: certainly not stored.
func (s *Store) updateMain(fn func(*bolt.Tx) error) error {
	var id int
	err := s.main.update(func(tx *bolt.Tx) error {
		id = tx.ID()
		s.main.db.AllocSize = mainGrowth(tx.Size())
		return fn(tx)
	})
	if err != nil {
		return classify(s.main, err, id)
	}
	s.main.synced()
	return s.measure()
}

// flushJobs returns the part of each document that has entries in segments.
func (s *Store) flushJobs(segments []*segment) []*docFlush {
	newest := segments[len(segments)-1].number
	s.mu.Lock()
	defer s.mu.Unlock()
	var jobs []*docFlush
	seen := map[*document]bool{}
	for _, g := range segments {
		for _, d := range g.docs {
			if seen[d] {
				continue
			}
			seen[d] = true
			n := 0
			for n < len(d.tail) && d.tail[n].segment <= newest {
				n++
			}
			jobs = append(jobs, &docFlush{d: d, base: d.base, deletes: d.deletes, entries: d.tail[:n:n]})
		}
	}
	// In the order of main.db, so that each of its pages is read and changed once.
	slices.SortStableFunc(jobs, func(a, b *docFlush) int { return cmp.Compare(a.base.number, b.base.number) })
	return jobs
}

// flushDocument folds a document's entries into its rows in main.db.
func (s *Store) flushDocument(tx *bolt.Tx, j *docFlush) error {
	h, err := loadHeader(tx, j.d.id)
	if err != nil {
		return err
	}
	if j.deletes == 0 && j.base != (base{h.number, h.revision}) {
		return corrupt(mainName, errShort, "document %q is at (%d, %d), the journal follows (%d, %d)",
			j.d.id, h.number, h.revision, j.base.number, j.base.revision)
	}
	recs := s.records[:0]
	messages := newMessages{first: h.messages}
	names, metaVersion := interner{}, h.metaVersion
	for i := range j.entries {
		t := &j.entries[i]
		if t.kind == entryDelete {
			if h.number != 0 {
				if err := removeDocument(tx, j.d.id, h.number); err != nil {
					return err
				}
			}
			h, recs, messages, metaVersion = header{}, recs[:0], newMessages{}, 0
			continue
		}
		if t.kind == entryMessages {
			if err := messages.add(&t.entry); err != nil {
				return corrupt(journalName, err, "messages of document %q", j.d.id)
			}
		}
		h.apply(&t.entry, t.times)
		if t.kind != entryAppend {
			continue
		}
		err := t.eachRecord(names, func(r Record) error { recs = append(recs, r); return nil })
		if err != nil {
			return corrupt(journalName, err, "records of document %q", j.d.id)
		}
	}
	if s.records = recs; cap(recs) > 2*maxChunkRecords {
		s.records = nil // one huge append shall not hold memory for ever
	}
	j.after = h
	if !h.exists {
		return nil
	}
	j.after.number, err = s.storeDocument(tx, j.d.id, h, recs, h.metaVersion != metaVersion)
	if err != nil {
		return err
	}
	return messages.store(tx, j.after.number)
}

// storeDocument writes a document's header and new records and returns its number.
func (s *Store) storeDocument(tx *bolt.Tx, id string, h header, recs []Record, metaChanged bool) (uint64, error) {
	if h.number == 0 {
		n, err := tx.Bucket(bucketDocuments).NextSequence()
		if err != nil {
			return 0, err
		}
		h.number = n
	}
	last := map[string]lastOf{}
	for i := range recs {
		last[recs[i].Src] = lastOf{recs[i].Seq, recs[i].Revision}
	}
	for src, l := range last {
		if err := storeSource(tx, h.number, src, l); err != nil {
			return 0, err
		}
	}
	if err := s.appendChunks(tx, h.number, recs); err != nil {
		return 0, err
	}
	return h.number, storeHeader(tx, id, &h, metaChanged)
}

// Flush moves everything that is durable at the call from the journal into
// main.db, with the snapshots that wait. Nothing needs it for safety; it makes
// the next Open faster and memory smaller.
func (s *Store) Flush(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	sealed := s.sealRounds + 1
	s.queue.askSeal()
	if err := s.await(ctx, func() bool { return s.sealRounds >= sealed }); err != nil {
		return err
	}
	round := s.roundsBegun + 1
	poke(s.flushWake)
	if err := s.await(ctx, func() bool { return s.roundsEnded >= round }); err != nil {
		return err
	}
	return s.flushErr
}

// await waits until done or until the store or ctx ends. Needs s.mu.
func (s *Store) await(ctx context.Context, done func() bool) error {
	for !done() {
		if err := s.usable(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("store: flush: %w", ctx.Err())
		}
		s.changed.Wait()
	}
	return nil
}
