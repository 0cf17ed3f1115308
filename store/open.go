package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Store is an open data folder. Its methods may be called by any goroutine.
type Store struct {
	opt           Options
	dir           string
	lock          *os.File
	journal, main *file
	id            storeID
	copied        bool // see noteOpen
	codec         *codec
	queue         *queue

	// Only the commit loop touches these, once it runs.
	nextFrame uint64
	end       journalEnd
	unsettled uint64 // newest transaction of the journal that is on disk and has no mark; 0: none
	careful   bool   // a commit failed: its pages may lie where those of the next will
	body      []byte // of the last batch; its memory serves the next
	frames    []byte // the same in frames

	records []Record // of the last document flushed; the flusher's, its memory serves the next

	// mainWriter is held by whoever writes main.db, and upkeep by the one of Backup,
	// Redact, Retain and Compact that runs.
	mainWriter sync.Mutex
	upkeep     chan struct{} // one slot

	sealAsked time.Time // when the flusher last asked for a seal; only it touches this

	used atomic.Int64 // bytes that main.db holds; see measure

	commitEnded chan struct{}
	flushEnded  chan struct{}
	flushWake   chan struct{} // one slot
	flushStop   chan struct{}
	closeOnce   sync.Once
	closeErr    error

	mu            sync.Mutex
	changed       sync.Cond // something below changed that somebody waits for
	failed        error     // why the store failed; wraps ErrUnknown
	closed        bool
	docs          map[string]*document
	active        *segment   // replaced by the commit loop only
	sealed        []*segment // oldest first
	drop          []uint64   // segments main.db holds
	snapshots     map[*document]struct{}
	snapshotBytes int
	sealRounds    uint64 // seals asked for and done
	roundsBegun   uint64 // flush rounds
	roundsEnded   uint64
	flushErr      error // why the last flush round did not finish
}

// hooks are for this package's tests.
type hooks struct {
	opened    func(name string, db *bolt.DB)         // a file was opened for writing
	committed func(name string)                      // a transaction's fsync returned
	step      func(name string)                      // upkeep has come so far
	wrote     func(name string, b []byte, off int64) // something was written past bbolt
	noSync    bool                                   // unsafe: leave fsync out
}

// Open opens the data folder dir, which is created if need be, and recovers
// what was acknowledged before.
//
// Errors: ErrInUse, ErrReadOnly, ErrForeign, ErrNewer, ErrCorrupt.
func Open(dir string, opt Options) (*Store, error) {
	s := &Store{
		opt: opt.withDefaults(), dir: dir, upkeep: make(chan struct{}, 1),
		commitEnded: make(chan struct{}), flushEnded: make(chan struct{}),
		flushWake: make(chan struct{}, 1), flushStop: make(chan struct{}),
		docs: map[string]*document{}, snapshots: map[*document]struct{}{},
	}
	s.changed.L = &s.mu
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	if err := s.openAll(); err != nil {
		return nil, advise(dir, errors.Join(err, s.closeFiles()))
	}
	s.queue = newQueue(s.opt.MinGap)
	go s.commitLoop()
	go s.flushLoop()
	if s.copied {
		if err := s.checkCopy(); err != nil {
			return nil, advise(dir, errors.Join(err, s.Close()))
		}
	}
	return s, nil
}

// Lock keeps every other process from opening a data folder, for whoever replaces
// what is in it. The folder must exist. ErrInUse if another process has it.
func Lock(dir string) (release func() error, err error) {
	f, err := lockDir(dir, defaultLockTimeout)
	if err != nil {
		return nil, advise(dir, err)
	}
	return f.Close, nil
}

// advise says what to do about an error of Open.
func advise(dir string, err error) error {
	for _, a := range []struct {
		cause  error
		advice string
	}{
		{errOlder, "restore a backup into an empty folder, or open it as it was before that commit"},
		{ErrCorrupt, "keep the folder as it is and restore a backup into an empty one"},
		{ErrForeign, "choose another folder, or move that file away"},
		{ErrNewer, "use the quire that wrote it, or a newer one"},
		{ErrInUse, "stop that one first, or choose another folder"},
		{ErrReadOnly, "let this user write the folder and the files in it"},
		{ErrNoSpace, "make room on the disk"},
		{syscall.ENOSPC, "make room on the disk"},
	} {
		if errors.Is(err, a.cause) {
			return fmt.Errorf("%w (data folder %s: %s)", err, dir, a.advice)
		}
	}
	return err
}

func makeDir(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	case err != nil:
		return fmt.Errorf("store: data folder: %w", err)
	}
	return nil
}

func (s *Store) openAll() (err error) {
	if s.lock, err = lockDir(s.dir, s.opt.LockTimeout); err != nil {
		return err
	}
	if s.codec, err = newCodec(); err != nil {
		return err
	}
	if err := removeLeftovers(s.dir); err != nil {
		return err
	}
	if err := s.createMissing(); err != nil {
		return err
	}
	journal, journalID, err := openRead(s.dir, journalName, s.checkJournal)
	if err != nil {
		return err
	}
	s.id = journalID
	err = s.openMain(journalID)
	if err == nil {
		err = s.recover(journal)
	}
	if err = errors.Join(err, journal.db.Close()); err != nil {
		return err
	}
	if !s.opt.hooks.noSync {
		if err := reserve(filepath.Join(s.dir, journalName), reservedSegments*int64(s.opt.SegmentBytes)); err != nil {
			return err
		}
	}
	if s.journal, err = openWrite(s.dir, journalName, s.opt.hooks); err != nil {
		return err
	}
	if err := s.journal.upgrade(func(tx *bolt.Tx) error { return stampJournal(tx, s.end) }); err != nil {
		return err
	}
	if err := s.resumeScrub(); err != nil {
		return err
	}
	if err := s.measure(); err != nil {
		return err
	}
	if s.copied, err = s.isCopied(); err != nil || s.copied {
		return err
	}
	return s.noteOpen()
}

func (s *Store) openMain(journalID storeID) error {
	check, mainID, err := openRead(s.dir, mainName, func() error {
		_, err := checkPages(s.dir, mainName, walkBranches, s.opt.AcceptOlder)
		return err
	})
	if err != nil {
		return err
	}
	if mainID != journalID {
		err = corrupt(s.dir, errors.New("the two files belong to different stores"), "%s and %s", journalName, mainName)
	} else {
		err = s.keepOlder(check)
	}
	if err = errors.Join(err, check.db.Close()); err != nil {
		return err
	}
	if s.main, err = openWrite(s.dir, mainName, s.opt.hooks); err != nil {
		return err
	}
	return s.main.upgrade(func(tx *bolt.Tx) error {
		for _, name := range mainBuckets {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
}

// removeLeftovers removes what a backup, compaction or upgrade left that was interrupted:
// it may hold text that has been redacted since.
func removeLeftovers(dir string) error {
	for _, pattern := range []string{backupTemporary, "*" + newSuffix} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return fmt.Errorf("store: %w", err)
		}
		for _, name := range names {
			if err := os.RemoveAll(name); err != nil {
				return fmt.Errorf("store: %w", err)
			}
		}
	}
	return nil
}

// createMissing makes the two files of a new store, the journal first. A crash
// between leaves an empty journal without main.db, which is finished here. Any
// other lone file has lost its half, and opening it would hide that.
func (s *Store) createMissing() error {
	journal, err := exists(s.dir, journalName)
	if err != nil {
		return err
	}
	main, err := exists(s.dir, mainName)
	switch {
	case err != nil:
		return err
	case journal && main:
		return nil
	case main:
		return corrupt(journalName, fs.ErrNotExist, "there is a %s but no %s", mainName, journalName)
	case journal:
		return s.finishCreation()
	}
	var id storeID
	_, _ = rand.Read(id[:]) // never fails
	return s.create(id, journalName, mainName)
}

func (s *Store) finishCreation() error {
	f, id, err := openRead(s.dir, journalName, s.checkJournal)
	if err != nil {
		return err
	}
	err = f.view(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, _ *bolt.Bucket) error {
			if _, used := segmentNumber(name); used {
				return corrupt(mainName, fs.ErrNotExist, "there is a used %s but no %s", journalName, mainName)
			}
			return nil
		})
	})
	if err = errors.Join(err, f.db.Close()); err != nil {
		return err
	}
	return s.create(id, mainName)
}

func (s *Store) create(id storeID, names ...string) error {
	for _, name := range names {
		var buckets [][]byte
		if name == mainName {
			buckets = mainBuckets
		}
		if err := createFile(s.dir, name, id, buckets); err != nil {
			if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
				return fmt.Errorf("%w: %w", ErrReadOnly, err)
			}
			return fmt.Errorf("store: create %s: %w", filepath.Join(s.dir, name), err)
		}
	}
	return nil
}

func exists(dir, name string) (bool, error) {
	_, err := os.Stat(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("store: %w", err)
	}
	return true, nil
}

// Close makes everything queued durable, flushes, and releases the folder.
// Later calls answer ErrClosed. It returns nil also after a failure that was
// reported before; use the error of the writes themselves.
func (s *Store) Close() error {
	s.closeOnce.Do(func() {
		s.queue.close()
		<-s.commitEnded
		s.mu.Lock()
		if s.active.last > 0 {
			s.sealed = append(s.sealed, s.active)
			s.active = newSegment(s.active.number + 1)
		}
		s.mu.Unlock()
		close(s.flushStop)
		<-s.flushEnded
		s.upkeep <- struct{}{} // for good
		s.mu.Lock()
		s.closed = true
		s.failAllWriters(ErrClosed)
		s.changed.Broadcast()
		s.mu.Unlock()
		s.forgetOpen()
		s.closeErr = s.closeFiles()
	})
	return s.closeErr
}

// closeFiles releases whatever openAll acquired.
func (s *Store) closeFiles() error {
	var errs []error
	for _, f := range []*file{s.journal, s.main} {
		if f != nil {
			errs = append(errs, f.close())
		}
	}
	if s.codec != nil {
		s.codec.close()
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// usable returns why the store takes no calls, if so. Needs s.mu.
func (s *Store) usable() error {
	if s.failed != nil {
		return s.failed
	}
	if s.closed {
		return ErrClosed
	}
	return nil
}

// fail makes the store answer ErrUnknown from now on, and returns that answer.
// The first cause stays.
func (s *Store) fail(cause error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = fmt.Errorf("%w: %w", ErrUnknown, cause)
		s.opt.Logger.Error("store: failed, must be opened again", "error", cause)
		s.failAllWriters(s.failed)
		s.changed.Broadcast()
	}
	return s.failed
}

// failAllWriters ends every writer. Needs s.mu.
func (s *Store) failAllWriters(err error) {
	for _, d := range s.docs {
		s.failWriters(d, err)
	}
}

// Failed returns nil while the store works, and what made it fail after that.
func (s *Store) Failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}
