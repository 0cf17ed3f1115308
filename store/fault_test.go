package store

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	bolt "go.etcd.io/bbolt"
)

// writeAt is the function through which bbolt writes pages.
type writeAt func(b []byte, off int64) (int, error)

// hookWrites puts fn in front of every page write of db. bbolt has such a field
// for its own tests and does not export it.
func hookWrites(db *bolt.DB, fn func(write writeAt, b []byte, off int64) (int, error)) {
	field := reflect.ValueOf(db).Elem().FieldByName("ops").FieldByName("writeAt")
	p := (*func([]byte, int64) (int, error))(unsafe.Pointer(field.UnsafeAddr()))
	write := *p
	*p = func(b []byte, off int64) (int, error) { return fn(write, b, off) }
}

func isMetaPage(b []byte, off int64) bool { return off < 2*pageSize && len(b) == pageSize }

// fault makes one page write fail.
type fault struct {
	file string
	nth  int  // counted from 1 after arming
	late bool // the bytes reach the file all the same, as when an fsync fails
	err  error

	mu    sync.Mutex
	armed bool
	count int
}

func (f *fault) hooks() hooks {
	return hooks{noSync: true, opened: func(name string, db *bolt.DB) {
		if name == f.file {
			hookWrites(db, f.write)
		}
	}}
}

func (f *fault) write(write writeAt, b []byte, off int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.armed {
		f.count++
		if f.count == f.nth {
			if f.late {
				_, _ = write(b, off)
			}
			return 0, f.err
		}
	}
	return write(b, off)
}

func (f *fault) arm() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed = true
}

func (f *fault) struck() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count >= f.nth
}

var everyFault = flag.Bool("crash.all", false, "let every single write fail, not every third")

// One page write of either file fails, the first, the second, the third, …:
// whatever was acknowledged is there after reopening, whatever was certainly
// refused is not, and a store that does not know says so from then on.
func TestEveryFailingWriteIsToldHonestly(t *testing.T) {
	for _, file := range []string{journalName, mainName} {
		for _, errno := range []error{syscall.EIO, syscall.ENOSPC} {
			for _, late := range []bool{false, true} {
				name := fmt.Sprintf("%s %v late=%v", file, errno, late)
				t.Run(name, func(t *testing.T) {
					step := 3
					if *everyFault {
						step = 1
					}
					for n := 1 + int(*crashSeed%uint64(step)); ; n += step {
						f := &fault{file: file, nth: n, late: late, err: errno}
						if !survives(t, f) {
							t.Logf("%d writes, every %d. failed", n-1, step)
							return
						}
						if t.Failed() {
							t.Fatalf("write %d", n)
						}
					}
				})
			}
		}
	}
}

// survives runs a workload with a fault and checks the store after it. It
// answers false once the workload makes fewer writes than the fault waits for.
func survives(t *testing.T, f *fault) bool {
	t.Helper()
	dir := t.TempDir()
	o := Options{Logger: slog.New(slog.DiscardHandler), MinGap: -1, SegmentBytes: 2 << 10, hooks: f.hooks()}
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	acknowledged, possible := map[string]uint64{}, map[string]uint64{}
	f.arm()
	workload(t, s, acknowledged, possible)
	abandonFailed(s)
	s, err = Open(dir, Options{Logger: o.Logger})
	if err != nil {
		t.Fatalf("reopening: %v", err)
	}
	defer s.Close()
	for doc, n := range possible {
		info, err := s.Info(doc)
		if errors.Is(err, ErrNotFound) && acknowledged[doc] == 0 {
			continue
		}
		if err != nil || info.Revision > n {
			t.Errorf("%s has %d records, at most %d may be there (%v)", doc, info.Revision, n, err)
			continue
		}
		if err := verifyDocument(s, doc, acknowledged[doc]); err != nil {
			t.Error(err)
		}
	}
	return f.struck()
}

// workload appends until the store fails. acknowledged is what must be there
// afterwards, possible what may be.
func workload(t *testing.T, s *Store, acknowledged, possible map[string]uint64) {
	t.Helper()
	unknown := false
	for i := range 24 {
		doc := fmt.Sprint("doc", i%4)
		at := acknowledged[doc]
		var recs []Record
		for r := at; r < at+3; r++ {
			recs = append(recs, Record{Src: "src " + doc, Seq: r, Payload: crashPayload(doc, r)})
		}
		err := s.Append(ctx, doc, at, recs, nil)
		switch {
		case unknown && !errors.Is(err, ErrUnknown):
			t.Errorf("a failed store answers %v", err)
		case err == nil:
			acknowledged[doc] = at + 3
			possible[doc] = max(possible[doc], at+3)
		case errors.Is(err, ErrNoSpace):
			possible[doc] = max(possible[doc], at)
		case errors.Is(err, ErrUnknown):
			if !unknown { // later ones were never tried
				possible[doc] = at + 3
			}
			unknown = true
		default:
			t.Errorf("append: %v", err)
		}
		if i%10 == 9 && !unknown {
			if err := s.Flush(ctx); err != nil && !errors.Is(err, ErrNoSpace) {
				if !errors.Is(err, ErrUnknown) {
					t.Errorf("flush: %v", err)
				}
				unknown = true
			}
		}
	}
}

// abandonFailed closes the files of a store without a last flush.
func abandonFailed(s *Store) {
	s.queue.close()
	<-s.commitEnded
	close(s.flushStop)
	<-s.flushEnded
	s.closeOnce.Do(func() {})
	_ = s.closeFiles()
}
