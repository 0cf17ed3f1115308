package store

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	bolt "go.etcd.io/bbolt"
)

var powerImages = flag.Int("power.images", 60, "images in TestPowerFailureLosesNothingAcknowledged")

// recorder notes every page write of both files, every point at which an fsync
// had returned, and every acknowledgement, in one order.
type recorder struct {
	mu     sync.Mutex
	events []diskEvent
	start  map[string][]byte // the files when recording began
}

type diskEvent struct {
	kind byte // 'w' write, 'b' barrier, 'a' acknowledgement
	file string
	off  int64
	data []byte
	doc  string
	upTo uint64
}

func (r *recorder) add(e diskEvent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// hooks record what bbolt does. It writes data pages, syncs, writes the meta
// page and syncs again: so a barrier lies before each meta page of main.db, and
// where a transaction returns. The journal has the latter only.
func (r *recorder) hooks(t *testing.T, dir string) hooks {
	return hooks{
		noSync: true, // the real file never crashes
		opened: func(name string, db *bolt.DB) {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Error(err)
			}
			r.start[name] = b
			hookWrites(db, func(write writeAt, b []byte, off int64) (int, error) {
				if isMetaPage(b, off) && name == mainName {
					r.add(diskEvent{kind: 'b', file: name})
				}
				r.add(diskEvent{kind: 'w', file: name, off: off, data: append([]byte(nil), b...)})
				return write(b, off)
			})
		},
		committed: func(name string) { r.add(diskEvent{kind: 'b', file: name}) },
		marked: func(b []byte, off int64) {
			r.add(diskEvent{kind: 'w', file: journalName, off: off, data: bytes.Clone(b)})
		},
	}
}

// image returns the files as they may be if power fails after n events: what
// came before the last barrier, and of the rest any part, torn at sectors.
func (r *recorder) image(n int, rnd *rand.Rand) map[string][]byte {
	out := map[string][]byte{}
	for name, start := range r.start {
		img := append([]byte(nil), start...)
		var loose []diskEvent
		for _, e := range r.events[:n] {
			switch {
			case e.file != name:
			case e.kind == 'w':
				loose = append(loose, e)
			case e.kind == 'b':
				for _, w := range loose {
					img = writeImage(img, w, func() bool { return true })
				}
				loose = nil
			}
		}
		for _, w := range loose {
			switch rnd.IntN(4) {
			case 0: // lost
			case 1: // torn
				img = writeImage(img, w, func() bool { return rnd.IntN(2) == 0 })
			default:
				img = writeImage(img, w, func() bool { return true })
			}
		}
		out[name] = img
	}
	return out
}

func writeImage(img []byte, e diskEvent, keep func() bool) []byte {
	if end := int(e.off) + len(e.data); len(img) < end {
		img = append(img, make([]byte, end-len(img))...)
	}
	const sector = 512
	for i := 0; i < len(e.data); i += sector {
		if keep() {
			copy(img[int(e.off)+i:], e.data[i:min(i+sector, len(e.data))])
		}
	}
	return img
}

// After power fails at any moment, with whatever the disk kept of the writes
// after the last fsync, everything acknowledged is there and everything is whole.
func TestPowerFailureLosesNothingAcknowledged(t *testing.T) {
	rnd := rand.New(rand.NewPCG(*crashSeed, 3))
	t.Logf("rerun: go test ./store -run %s -crash.seed %d -power.images %d", t.Name(), *crashSeed, *powerImages)
	rec := recordWorkload(t, rnd)
	for i := range *powerImages {
		n := 1 + rnd.IntN(len(rec.events))
		acknowledged := map[string]uint64{}
		for _, e := range rec.events[:n] {
			if e.kind == 'a' {
				acknowledged[e.doc] = max(acknowledged[e.doc], e.upTo)
			}
		}
		if err := verifyImage(t, rec.image(n, rnd), acknowledged); err != nil {
			t.Fatalf("image %d, power lost after event %d of %d: %v", i, n, len(rec.events), err)
		}
	}
	t.Logf("%d images of %d events", *powerImages, len(rec.events))
}

func recordWorkload(t *testing.T, rnd *rand.Rand) *recorder {
	t.Helper()
	dir := t.TempDir()
	rec := &recorder{start: map[string][]byte{}}
	s, err := Open(dir, Options{Logger: slog.New(slog.DiscardHandler), MinGap: -1, SegmentBytes: 6 << 10, hooks: rec.hooks(t, dir)})
	if err != nil {
		t.Fatal(err)
	}
	heads := map[string]uint64{}
	for i := range 250 {
		doc := fmt.Sprint("doc", rnd.IntN(6))
		var recs []Record
		for r := heads[doc]; r < heads[doc]+uint64(1+rnd.IntN(5)); r++ {
			recs = append(recs, Record{Src: "src " + doc, Seq: r, Payload: crashPayload(doc, r)})
		}
		if err := s.Append(ctx, doc, heads[doc], recs, nil); err != nil {
			t.Fatal(err)
		}
		heads[doc] += uint64(len(recs))
		rec.add(diskEvent{kind: 'a', doc: doc, upTo: heads[doc]})
		if i%9 == 0 {
			err = s.PutSnapshot(doc, Snapshot{heads[doc], crashPayload(doc, heads[doc])})
		}
		if i%60 == 0 {
			err = errors.Join(err, s.Flush(ctx))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return rec
}

func verifyImage(t *testing.T, files map[string][]byte, acknowledged map[string]uint64) error {
	t.Helper()
	dir, err := os.MkdirTemp("", "image")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return err
		}
	}
	s, err := Open(dir, WithoutSync(Options{Logger: slog.New(slog.DiscardHandler), MinGap: -1}))
	if err != nil {
		return err
	}
	defer abandonFailed(s)
	for doc, want := range acknowledged {
		if err := verifyDocument(s, doc, want); err != nil {
			return err
		}
	}
	return nil
}
