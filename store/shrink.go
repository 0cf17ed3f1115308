package store

import (
	"fmt"
	"path/filepath"
	"time"
)

// A burst makes the journal grow, and bbolt never makes a file shorter. Once all
// that it holds is in main.db, an empty journal takes its place.
const (
	// The journal may keep room for maxJournalSegments segments and maxJournalSlack bytes.
	maxJournalSegments = 4 * reservedSegments
	maxJournalSlack    = 2 * journalAlloc
	// shrinkRetry is how long the flusher waits for a moment without new records.
	shrinkRetry = 10 * time.Second
)

// shrinkJournal begins to make a journal smaller that has grown, and returns
// whether it has to be tried again. Only for the flusher.
func (s *Store) shrinkJournal() (again bool) {
	n, err := size(filepath.Join(s.dir, journalName))
	if err != nil || n <= maxJournalSegments*int64(s.opt.SegmentBytes)+maxJournalSlack {
		return false
	}
	s.mu.Lock()
	empty := s.journalEmpty()
	s.mu.Unlock()
	if !empty {
		if time.Since(s.sealAsked) > shrinkRetry {
			s.sealAsked = time.Now()
			s.queue.askSeal() // the flusher is woken when that is done
		}
		return true
	}
	return s.queue.call(s.replaceJournal) == nil
}

// journalEmpty tells whether main.db holds all of the journal. Needs s.mu.
func (s *Store) journalEmpty() bool {
	return s.active.last == 0 && len(s.sealed) == 0 && s.failed == nil
}

// replaceJournal puts an empty journal in the place of one that main.db holds.
// Only for the commit loop.
func (s *Store) replaceJournal() {
	select {
	case s.upkeep <- struct{}{}: // a backup copies the journal, and a scrub walks it
		defer func() { <-s.upkeep }()
	default:
		return
	}
	s.mu.Lock()
	empty := s.journalEmpty()
	drop := len(s.drop)
	s.mu.Unlock()
	if !empty {
		return
	}
	path := filepath.Join(s.dir, journalName)
	err := createNew(path+newSuffix, journalName, s.id, nil)
	if err == nil && !s.opt.hooks.noSync {
		err = reserve(path+newSuffix, reservedSegments*int64(s.opt.SegmentBytes))
	}
	if err != nil {
		s.opt.Logger.Warn("store: the journal keeps its size", "error", noSpace(err))
		return
	}
	s.step("the new journal is whole")
	if err := s.journal.replace(s.dir, s.opt.hooks); err != nil {
		_ = s.fail(fmt.Errorf("replace journal: %w", err))
		return
	}
	s.step("the new journal has the name")
	s.end, s.unsettled = journalEnd{}, 0
	s.mu.Lock()
	s.drop = s.drop[drop:]
	s.mu.Unlock()
}
