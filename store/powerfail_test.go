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
	kind byte // 'w' write, 'b' barrier, 'a' acknowledgement, 'r' another file took the name
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
			if r.start[name] == nil {
				r.start[name] = b
			} else {
				r.add(diskEvent{kind: 'r', file: name, data: b})
				r.add(diskEvent{kind: 'b', file: name})
			}
			hookWrites(db, func(write writeAt, b []byte, off int64) (int, error) {
				if isMetaPage(b, off) && name == mainName {
					r.add(diskEvent{kind: 'b', file: name})
				}
				r.add(diskEvent{kind: 'w', file: name, off: off, data: append([]byte(nil), b...)})
				return write(b, off)
			})
		},
		committed: func(name string) { r.add(diskEvent{kind: 'b', file: name}) },
		wrote: func(name string, b []byte, off int64) {
			r.add(diskEvent{kind: 'w', file: name, off: off, data: bytes.Clone(b)})
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
			case e.kind == 'w', e.kind == 'r':
				loose = append(loose, e)
			case e.kind == 'b':
				for _, w := range loose {
					img = writeImage(img, w, func() bool { return true })
				}
				loose = nil
			}
		}
		for _, w := range loose {
			switch n := rnd.IntN(4); {
			case n == 0: // lost
			case n == 1 && w.kind == 'w': // torn
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
	if e.kind == 'r' {
		return bytes.Clone(e.data)
	}
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
	dir, err := writeImageFiles(files)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
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

func writeImageFiles(files map[string][]byte) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "image"); err != nil {
		return "", err
	}
	for name, b := range files {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	return dir, err
}

// A redaction, a compaction and a new journal that power failure cuts short did
// not begin, or are completed when the folder is opened; and lose nothing.
func TestPowerFailureDuringUpkeepLeavesItDoneOrNotBegun(t *testing.T) {
	rnd := rand.New(rand.NewPCG(*crashSeed, 4))
	t.Logf("rerun: go test ./store -run %s -crash.seed %d -power.images %d", t.Name(), *crashSeed, *powerImages)
	rec := recordUpkeep(t)
	done := 0
	for i := range *powerImages {
		n := 1 + rnd.IntN(len(rec.events))
		acknowledged := map[string]uint64{}
		for _, e := range rec.events[:n] {
			if e.kind == 'a' {
				acknowledged[e.doc] = e.upTo
			}
		}
		redacted, err := verifyUpkeep(t, rec.image(n, rnd), acknowledged)
		if err != nil {
			t.Fatalf("image %d, power lost after event %d of %d: %v", i, n, len(rec.events), err)
		}
		if redacted {
			done++
		}
	}
	t.Logf("%d images of %d events, %d of them redacted", *powerImages, len(rec.events), done)
}

func recordUpkeep(t *testing.T) *recorder {
	t.Helper()
	rec := &recorder{start: map[string][]byte{}}
	o := quietOptions
	o.hooks.noSync, o.SegmentBytes = true, 6<<10
	o.hooks.opened = func(string, *bolt.DB) {}
	s, dir := secretStore(t, o)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	o.hooks = rec.hooks(t, dir)
	s = openTest(t, dir, o)
	next := uint64(90)
	work := func(name string, fn func() error) {
		for range 8 {
			r := Record{Src: "s", Seq: next, Author: "ann", Time: int64(next), Payload: crashPayload("other", next)}
			if err := s.Append(ctx, "other", next, []Record{r}, nil); err != nil {
				t.Fatal(err)
			}
			next++
			rec.add(diskEvent{kind: 'a', doc: "other", upTo: next})
		}
		if err := fn(); err != nil {
			t.Fatal(err)
		}
		rec.add(diskEvent{kind: 'a', doc: name, upTo: 1})
	}
	work("redacted", func() error { return s.Redact(ctx, "d", hideAll(0, 1<<60)) })
	work("compacted", func() error { _, _, err := s.Compact(ctx, nil); return err })
	work("flushed", func() error { return s.Flush(ctx) })
	if err := s.betweenCommits(func() error { s.replaceJournal(); return nil }); err != nil {
		t.Fatal(err)
	}
	work("flushed again", func() error { return s.Flush(ctx) })
	return rec
}

func verifyUpkeep(t *testing.T, files map[string][]byte, acknowledged map[string]uint64) (redacted bool, err error) {
	t.Helper()
	dir, err := writeImageFiles(files)
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	s, err := Open(dir, WithoutSync(quietOptions))
	if err != nil {
		return false, err
	}
	defer s.Close()
	info, err := s.Info("d")
	if err != nil {
		return false, err
	}
	redacted = info.Redactions > 0
	if acknowledged["redacted"] > 0 && !redacted {
		return false, errors.New("a redaction that was over did not happen")
	}
	if secrets := sees(t, s); redacted != (secrets == 0) {
		return redacted, fmt.Errorf("redacted: %v, and readers find the secret %d times", redacted, secrets)
	}
	if other, err := s.Info("other"); err != nil || other.Revision < max(90, acknowledged["other"]) {
		return redacted, fmt.Errorf("%d records are there, %d were acknowledged: %w", other.Revision, acknowledged["other"], err)
	}
	for _, doc := range []string{"d", "other"} {
		if err := verifyUpkept(s, doc, redacted); err != nil {
			return redacted, err
		}
	}
	if err := s.Close(); err != nil {
		return redacted, err
	}
	if found := leaksText(t, dir); redacted && len(found) > 0 {
		return redacted, fmt.Errorf("found in %q", found)
	}
	return redacted, nil
}

// verifyUpkept compares the records of a document of secretStore with what was appended.
func verifyUpkept(s *Store, doc string, redacted bool) error {
	return s.Records(doc, 0, 1<<60, func(r Record) error {
		want := crashPayload(doc, r.Revision)
		if doc == "d" && r.Revision%7 == 3 {
			want = append(want, secret...)
		}
		if redacted {
			want = hide(want)
		}
		if !bytes.Equal(r.Payload, want) {
			return fmt.Errorf("record %d of %s is %.100q", r.Revision, doc, r.Payload)
		}
		return nil
	})
}
