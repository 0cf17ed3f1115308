package store

import (
	"bytes"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// bbolt leaves what it removes in pages it calls free. Scrubbing overwrites them.
//
// The transaction that rewrites what people see also notes keyScrub in main.db;
// the note goes when both files are clean and synced. While it is there, Open
// scrubs before anything else: so a redaction is over, or not begun, or only the
// scrubbing is left, whenever the process or the power goes.

// scrubPages is how many pages are read or overwritten at a time.
const scrubPages = 256

// scrub overwrites the free pages of both files while the store works on. It must
// not hold main.db while it waits for the commit loop, which may wait for the
// flusher.
func (s *Store) scrub() error {
	if err := s.betweenCommits(s.scrubJournal); err != nil {
		return err
	}
	release, err := s.holdMain()
	defer release()
	if err == nil {
		err = s.scrubMain()
	}
	return err
}

// scrubJournal drops the segments that main.db holds and overwrites their pages.
func (s *Store) scrubJournal() error {
	if err := s.dropSegments(); err != nil {
		return err
	}
	s.step("journal segments are dropped")
	s.journal.gate.Lock()
	defer s.journal.gate.Unlock()
	w, err := walkFile(s.journal.raw, walkLeaves, false)
	if err != nil {
		return corrupt(journalName, err, "page structure")
	}
	var free []uint64
	for id := uint64(2); id < w.meta.pages; id++ {
		if !w.used(id) {
			free = append(free, id)
		}
	}
	err = s.journal.overwrite(free, w.meta.pages)
	s.step("the journal is scrubbed")
	return err
}

// dropSegments drops the segments that main.db holds, in two transactions: after
// them neither meta page knows any more where the frames were. Only for the
// commit loop, or before it runs.
func (s *Store) dropSegments() error {
	s.mu.Lock()
	drop := s.drop
	s.mu.Unlock()
	for range 2 {
		var id int
		err := s.journal.update(func(tx *bolt.Tx) error {
			id = tx.ID()
			for _, n := range drop {
				if err := tx.DeleteBucket(numberKey(n)); err != nil && !errors.Is(err, berrors.ErrBucketNotFound) {
					return err
				}
			}
			if first, _ := tx.Cursor().First(); !isSegment(first) {
				s.end = journalEnd{}
			}
			return stampJournal(tx, s.end)
		})
		if err != nil {
			return s.outcome(classify(s.journal, err, id))
		}
		s.journal.synced()
		s.unsettled = uint64(id)
	}
	s.mu.Lock()
	s.drop = s.drop[len(drop):]
	s.mu.Unlock()
	return nil
}

// scrubMain overwrites main.db's free pages and then takes the note away.
func (s *Store) scrubMain() error {
	// Now the other meta page as well is of a transaction without what was removed.
	if err := s.updateMain(func(*bolt.Tx) error { return nil }); err != nil {
		return s.outcome(err)
	}
	if err := s.overwriteMain(); err != nil {
		return err
	}
	s.step("the main file is scrubbed")
	err := s.updateMain(func(tx *bolt.Tx) error { return tx.Bucket(bucketInfo).Delete(keyScrub) })
	return s.outcome(err)
}

func (s *Store) overwriteMain() error {
	s.main.gate.Lock()
	defer s.main.gate.Unlock()
	w, err := walkFile(s.main.raw, walkBranches, false)
	if err != nil {
		return corrupt(mainName, err, "page structure")
	}
	return s.main.overwrite(w.free, w.meta.pages)
}

// outcome fails the store if err leaves a transaction's outcome unknown.
func (s *Store) outcome(err error) error {
	if err == nil || isRefused(err) {
		return err
	}
	return s.fail(err)
}

// resumeScrub does what a scrub that was interrupted left to do. Only for Open.
func (s *Store) resumeScrub() error {
	var due bool
	err := s.main.view(func(tx *bolt.Tx) error {
		due = tx.Bucket(bucketInfo).Get(keyScrub) != nil
		return nil
	})
	if err != nil || !due {
		return err
	}
	if err := s.scrubJournal(); err != nil {
		return err
	}
	return s.scrubMain()
}

// noteScrub marks that free pages are to be overwritten.
func noteScrub(tx *bolt.Tx) error { return putValue(tx.Bucket(bucketInfo), keyScrub, nil) }

// overwrite fills free pages, and all that follows the last of the pages, with
// zeros, and syncs the file.
func (f *file) overwrite(free []uint64, pages uint64) error {
	for len(free) > 0 {
		n := 1
		for n < len(free) && n < scrubPages && free[n] == free[n-1]+1 {
			n++
		}
		if err := f.zero(int64(free[0])*pageSize, n*pageSize); err != nil {
			return err
		}
		free = free[n:]
	}
	st, err := f.raw.Stat()
	if err != nil {
		return fmt.Errorf("store: scrub %s: %w", f.name, err)
	}
	for at := int64(pages) * pageSize; at < st.Size(); at += scrubPages * pageSize {
		if err := f.zero(at, int(min(scrubPages*pageSize, st.Size()-at))); err != nil {
			return err
		}
	}
	if !f.db.NoSync {
		if err := f.raw.Sync(); err != nil {
			return fmt.Errorf("store: scrub %s: %w", f.name, err)
		}
	}
	f.synced()
	return nil
}

// zero overwrites a stretch unless it is zero.
func (f *file) zero(at int64, size int) error {
	b := make([]byte, size)
	if _, err := f.raw.ReadAt(b, at); err != nil {
		return fmt.Errorf("store: scrub %s: %w", f.name, err)
	}
	zeros := make([]byte, size)
	if bytes.Equal(b, zeros) {
		return nil
	}
	if err := f.writeRaw(zeros, at); err != nil {
		return fmt.Errorf("store: scrub %s: %w", f.name, err)
	}
	return nil
}
