package store

import (
	"os"
	"path/filepath"
	"time"
)

// Commit is what one commit of the journal was; see Options.Committed.
type Commit struct {
	Writes       int           // how many calls it was for
	Took, Synced time.Duration // all of it, and its fsync; Synced is 0 where bbolt made that itself
	Failed       bool
}

// Load is what the store has to do at the moment, and how large it is.
type Load struct {
	QueuedWrites, QueuedBytes int   // waiting for a commit
	WaitingSegments           int   // of the journal, waiting for main.db
	Stuck                     bool  // main.db cannot be written
	JournalBytes, MainBytes   int64 // sizes of the files
}

// Load tells how the store is doing.
func (s *Store) Load() (l Load) {
	s.queue.mu.Lock()
	l.QueuedWrites, l.QueuedBytes = len(s.queue.items), s.queue.bytes
	s.queue.mu.Unlock()
	s.mu.Lock()
	l.WaitingSegments, l.Stuck = len(s.sealed), s.flushErr != nil
	s.mu.Unlock()
	l.JournalBytes, l.MainBytes = fileBytes(s.dir, journalName), fileBytes(s.dir, mainName)
	return l
}

// fileBytes is how large a file is, 0 if that cannot be told.
func fileBytes(dir, name string) int64 {
	st, err := os.Stat(filepath.Join(dir, name))
	if err != nil {
		return 0
	}
	return st.Size()
}
