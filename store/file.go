package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// JournalName and MainName are the files of a data folder.
const (
	JournalName = journalName
	MainName    = mainName
)

// FormatVersion is the version of the format that this program writes; it reads every lower one.
const FormatVersion = formatVersion

const (
	journalName = "journal.db"
	mainName    = "main.db"

	// formatVersion is written into both files. A file with a higher one is
	// refused; this package reads every lower one.
	formatVersion = 3

	// firstStamped is the first format whose journal has stamps.
	firstStamped = 3

	newSuffix = ".new" // of a file that is not whole yet

	pageSize     = 4096
	journalAlloc = 4 << 20 // by which the journal grows when it is full

	minMainGrowth = pageSize
	maxMainGrowth = 16 << 20
)

// The info bucket of both files.
var (
	bucketInfo = []byte("quire")
	keyFormat  = []byte("format")  // journalName or mainName
	keyVersion = []byte("version") // formatVersion, 4 bytes big endian
	keyStore   = []byte("store")   // 16 random bytes, the same in both files
	keyFlushed = []byte("flushed") // main.db: last journal frame it holds, 8 bytes big endian
	keyOpen    = []byte("open")    // main.db: while it is open, which file it is: 8 bytes big endian
	keyScrub   = []byte("scrub")   // main.db: while free pages may hold what was redacted; empty
)

type storeID [16]byte

// noSpace makes an error that says so ErrNoSpace.
func noSpace(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}

// file is a bbolt file whose damage cannot crash the process: bbolt panics on
// damaged pages, and reading a page that does not exist is a fault.
type file struct {
	name string
	db   *bolt.DB
	raw  *os.File // its pages, as readCursor reads them; nil if opened for reading only
	stat os.FileInfo
	hooks

	// gate is closed while free pages are overwritten or the file is replaced:
	// there is no reader then.
	gate sync.RWMutex

	// syncTook is how long the fsync of the last updateOnce took; only for whoever calls that.
	syncTook time.Duration

	// locks is held for each call that takes bbolt's lock of its meta pages, but for the
	// end of a write: bbolt can panic there and never give that lock back. Whoever
	// comes next then finds panicked set instead of waiting for ever.
	locks    sync.Mutex
	writing  sync.Mutex // held by the one writer, so that nobody waits for bbolt's below locks
	panicked atomic.Bool
}

// view runs fn in a read transaction. fn must not call view of the same file.
func (f *file) view(fn func(*bolt.Tx) error) (err error) {
	f.gate.RLock()
	defer f.gate.RUnlock()
	tx, err := f.begin(false)
	if err != nil {
		return err
	}
	defer f.end(tx)
	defer f.rescue(&err)()
	return fn(tx)
}

// begin begins a transaction. To write, f.writing must be held.
func (f *file) begin(write bool) (tx *bolt.Tx, err error) {
	f.locks.Lock()
	defer f.locks.Unlock()
	if f.panicked.Load() {
		return nil, corrupt(f.name, errPanicked, "page structure")
	}
	defer f.rescue(&err)()
	defer f.mark()
	return f.db.Begin(write)
}

// end ends a read transaction. Who begins one may hold locks, and wait for a file that
// grows, which waits for this to end: so nobody waits here. After a panic a transaction
// may stay open for good.
func (f *file) end(tx *bolt.Tx) {
	if !f.locks.TryLock() {
		go func() { _ = tx.Rollback() }()
		return
	}
	defer f.locks.Unlock()
	if !f.panicked.Load() {
		_ = tx.Rollback()
	}
}

// mark, deferred below rescue, notes a panic that leaves locks of bbolt behind.
func (f *file) mark() {
	if x := recover(); x != nil {
		f.panicked.Store(true)
		panic(x)
	}
}

// update runs fn in a write transaction and commits it unless fn fails.
func (f *file) update(fn func(*bolt.Tx) error) (err error) {
	f.writing.Lock()
	defer f.writing.Unlock()
	tx, err := f.begin(true)
	if err != nil {
		return err
	}
	defer f.rescue(&err)()
	defer f.mark()
	if err := fn(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// updateOnce is update with one fsync, where bbolt makes two: see torn.go. Only for
// the journal.
func (f *file) updateOnce(fn func(*bolt.Tx) error) error {
	if f.db.NoSync {
		return f.update(fn)
	}
	f.db.NoSync = true
	err := f.update(fn)
	f.db.NoSync = false
	if err == nil {
		began := time.Now()
		err = f.db.Sync()
		f.syncTook = time.Since(began)
	}
	return err
}

// errPanicked answers every use of a file on whose pages bbolt panicked.
var errPanicked = errors.New("damaged pages were met before")

// rescue returns the deferred half of view and update, which turns panics into
// ErrCorrupt. The functions passed to view and update call no foreign code.
func (f *file) rescue(err *error) func() {
	old := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(old)
		if x := recover(); x != nil {
			*err = corrupt(f.name, fmt.Errorf("%v", x), "page structure")
		}
	}
}

// close closes the file, unless that may take for ever: then its lock and its
// address space go with the process.
func (f *file) close() error {
	var err error
	if !f.panicked.Load() {
		err = f.db.Close()
	}
	if f.raw != nil {
		rawFiles.Delete(f.db)
		err = errors.Join(err, f.raw.Close())
	}
	return err
}

// createFile makes a bbolt file with its info bucket under a temporary name,
// syncs it and renames it, so that a crash never leaves half a file under the
// real name.
func createFile(dir, name string, id storeID, buckets [][]byte) error {
	path := filepath.Join(dir, name)
	if err := createNew(path+newSuffix, name, id, buckets); err != nil {
		return err
	}
	if err := os.Rename(path+newSuffix, path); err != nil {
		return err
	}
	return syncDir(dir)
}

// createNew makes a bbolt file with its info bucket and syncs it.
func createNew(tmp, name string, id storeID, buckets [][]byte) error {
	if err := removeIfThere(tmp); err != nil {
		return err
	}
	db, err := bolt.Open(tmp, 0o600, &bolt.Options{PageSize: pageSize, Timeout: time.Second})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error { return writeInfo(tx, name, id, buckets) })
	return errors.Join(err, db.Close())
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func writeInfo(tx *bolt.Tx, name string, id storeID, buckets [][]byte) error {
	b, err := tx.CreateBucket(bucketInfo)
	if err != nil {
		return err
	}
	values := map[string][]byte{
		string(keyFormat):  []byte(name),
		string(keyVersion): binary.BigEndian.AppendUint32(nil, formatVersion),
		string(keyStore):   id[:],
	}
	if name == mainName {
		values[string(keyFlushed)] = binary.BigEndian.AppendUint64(nil, 0)
	}
	for k, v := range values {
		if err := b.Put([]byte(k), seal([]byte(k), v)); err != nil {
			return err
		}
	}
	for _, n := range buckets {
		if _, err := tx.CreateBucket(n); err != nil {
			return err
		}
	}
	if name == journalName {
		return stampJournal(tx, journalEnd{})
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// openRead opens an existing file read-only, after a check of its pages, and that
// it is one of ours and of a format we know.
func openRead(dir, name string, check func() error) (*file, storeID, error) {
	path := filepath.Join(dir, name)
	if err := probe(path, name); err != nil {
		return nil, storeID{}, err
	}
	if err := check(); err != nil {
		return nil, storeID{}, err
	}
	f := &file{name: name}
	err := f.open(path, &bolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return nil, storeID{}, err
	}
	var id storeID
	err = f.view(func(tx *bolt.Tx) (err error) {
		id, err = readInfo(tx, name)
		return err
	})
	if err != nil {
		return nil, storeID{}, errors.Join(err, f.db.Close())
	}
	return f, id, nil
}

// probe refuses what bbolt would take for a new file, and what we may not write.
func probe(path, name string) error {
	h, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	st, err := h.Stat()
	if err = errors.Join(err, h.Close()); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if st.Size() < 4*pageSize {
		return fmt.Errorf("%w: %s has only %d bytes", ErrForeign, name, st.Size())
	}
	return nil
}

// writeRaw writes past bbolt, where it does not look.
func (f *file) writeRaw(b []byte, off int64) error {
	if _, err := f.raw.WriteAt(b, off); err != nil {
		return err
	}
	if f.wrote != nil {
		f.wrote(f.name, b, off)
	}
	return nil
}

// synced tells a test that an fsync of the file returned.
func (f *file) synced() {
	if f.committed != nil {
		f.committed(f.name)
	}
}

// openWrite opens for writing a file that openRead accepted. The journal does
// not write its list of free pages, which makes its commits small; main.db
// does, so that opening it does not read the whole file.
func openWrite(dir, name string, h hooks) (*file, error) {
	o := &bolt.Options{
		Timeout:        time.Second,
		FreelistType:   bolt.FreelistMapType,
		NoFreelistSync: name == journalName,
		NoSync:         h.noSync,
		NoStatistics:   true,
	}
	o.InitialMmapSize = mapSize(name)
	f := &file{name: name, hooks: h}
	if err := f.open(filepath.Join(dir, name), o); err != nil {
		return nil, err
	}
	var err error
	if f.raw, err = os.OpenFile(filepath.Join(dir, name), os.O_RDWR, 0); err != nil {
		return nil, errors.Join(fmt.Errorf("store: %w", err), f.db.Close())
	}
	rawFiles.Store(f.db, &rawFile{File: f.raw})
	if f.stat, err = f.raw.Stat(); err != nil {
		return nil, errors.Join(fmt.Errorf("store: %w", err), f.close())
	}
	f.db.AllocSize = minMainGrowth
	if name == journalName {
		f.db.AllocSize = journalAlloc
	}
	f.forgetPages()
	if h.opened != nil {
		h.opened(name, f.db)
	}
	return f, nil
}

// mapSize is the address space reserved for a file. Growing the map waits for
// readers and stops new ones, so where a map may be longer than its file it is
// made large enough from the start.
func mapSize(name string) int {
	switch {
	case runtime.GOOS == "windows":
		return 0
	case strconv.IntSize == 32:
		return 1 << 28
	case name == journalName:
		return 1 << 30
	}
	return 1 << 34
}

func (f *file) open(path string, o *bolt.Options) (err error) {
	defer f.rescue(&err)()
	f.db, err = bolt.Open(path, 0o600, o)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, berrors.ErrTimeout):
		return fmt.Errorf("%w: %s is locked", ErrInUse, path)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrVersionMismatch):
		return fmt.Errorf("%w: %s: %w", ErrForeign, path, err)
	case errors.Is(err, berrors.ErrChecksum):
		return corrupt(f.name, err, "meta pages")
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return fmt.Errorf("store: open %s: %w", path, err)
}

// readInfo checks the info bucket and returns the store's identity.
func readInfo(tx *bolt.Tx, name string) (id storeID, err error) {
	b := tx.Bucket(bucketInfo)
	if b == nil {
		return id, fmt.Errorf("%w: %s was written by another program", ErrForeign, name)
	}
	version, err := infoValue(b, name, keyVersion, 4)
	if err != nil {
		return id, err
	}
	if v := binary.BigEndian.Uint32(version); v > formatVersion {
		return id, fmt.Errorf("%w: %s has format %d, this program knows up to %d; use a newer quire", ErrNewer, name, v, formatVersion)
	}
	format, err := infoValue(b, name, keyFormat, len(name))
	if err != nil {
		return id, err
	}
	if string(format) != name {
		return id, fmt.Errorf("%w: %s holds a %q", ErrForeign, name, format)
	}
	store, err := infoValue(b, name, keyStore, len(id))
	if err != nil {
		return id, err
	}
	return storeID(store), nil
}

func infoValue(b *bolt.Bucket, name string, key []byte, size int) ([]byte, error) {
	v, err := unseal(key, b.Get(key))
	if err != nil || len(v) != size {
		return nil, corrupt(name, errChecksum, "info value %q", key)
	}
	return v, nil
}

// upgrade brings a file of an older format to this one with change; an older
// program refuses it from now on.
func (f *file) upgrade(change func(*bolt.Tx) error) error {
	version := binary.BigEndian.AppendUint32(nil, formatVersion)
	current := false
	err := f.view(func(tx *bolt.Tx) error {
		have, err := infoValue(tx.Bucket(bucketInfo), f.name, keyVersion, len(version))
		current = bytes.Equal(have, version)
		return err
	})
	if err != nil || current {
		return err
	}
	return f.update(func(tx *bolt.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		return putValue(tx.Bucket(bucketInfo), keyVersion, version)
	})
}

func loadFlushed(tx *bolt.Tx) (uint64, error) {
	v, err := infoValue(tx.Bucket(bucketInfo), mainName, keyFlushed, 8)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(v), nil
}

func storeFlushed(tx *bolt.Tx, frame uint64) error {
	v := binary.BigEndian.AppendUint64(nil, frame)
	return tx.Bucket(bucketInfo).Put(keyFlushed, seal(keyFlushed, v))
}
