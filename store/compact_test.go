package store

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

func TestCompactKeepsEverythingAndGivesRoomBack(t *testing.T) {
	dir := t.TempDir()
	o := WithoutSync(Options{Logger: slog.New(slog.DiscardHandler), MinGap: -1})
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	for d := range 20 {
		doc := fmt.Sprint("doc", d)
		for n := range uint64(40) {
			r := Record{Src: "s", Seq: n, Payload: crashPayload(doc, n)}
			if err := s.Append(ctx, doc, n, []Record{r}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Flush(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for d := range 15 { // their numbers must not be given again
		if err := s.Delete(ctx, fmt.Sprint("doc", d)); err != nil {
			t.Fatal(err)
		}
	}
	// What an interrupted Compact leaves is in nobody's way.
	if err := os.WriteFile(filepath.Join(dir, mainName+newSuffix), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	told := int64(0)
	before, after, err := s.Compact(ctx, func(done, total int64) {
		if done < told || done > total {
			t.Errorf("%d of %d bytes after %d", done, total, told)
		}
		told = done
	})
	if err != nil || after >= before || told == 0 {
		t.Fatalf("%d bytes became %d, %d told: %v", before, after, told, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, dir, o)
	if err := s.Append(ctx, "new", 0, []Record{{Src: "s", Payload: []byte("x")}}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	v, err := s.Verify(ctx, nil)
	if err != nil || len(v.Problems) > 0 || v.Documents != 6 || v.Records != 5*40+1 {
		t.Errorf("%+v, %v", v, err)
	}
	for d := 15; d < 20; d++ {
		for n, r := range readAll(t, s, fmt.Sprint("doc", d), 0, 40) {
			if string(r.Payload) != string(crashPayload(fmt.Sprint("doc", d), uint64(n))) {
				t.Fatalf("record %d of doc%d is %q", n, d, r.Payload)
			}
		}
	}
}

func TestCompactRefusesADamagedFile(t *testing.T) {
	s, dir := longStore(t, quietOptions, 10_000)
	path := filepath.Join(dir, mainName)
	harmFile(t, path, func(b []byte) {
		for id := 2; id < len(b)/pageSize; id++ {
			p := parsePage(b[id*pageSize : (id+1)*pageSize])
			if key, _, err := p.key(0); p.kind == pageLeaf && err == nil && len(key) == 18 {
				b[id*pageSize+8] = pageBranch
			}
		}
	})
	if _, _, err := s.Compact(ctx, nil); !errors.Is(err, ErrCorrupt) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(path + newSuffix); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it left a copy (%v)", err)
	}
}

// A copy of the files at each step is what a crash there leaves.
func TestCompactAndItsCrashesLoseNothingWhilePeopleWrite(t *testing.T) {
	o := quietOptions
	images := map[string]map[string][]byte{}
	acknowledged := map[string]uint64{}
	dir := t.TempDir()
	var s *Store
	o.hooks.step = func(name string) {
		err := s.betweenCommits(func() error {
			images[name] = readFiles(t, dir)
			info, err := s.Info("doc0")
			acknowledged[name] = info.Revision
			return err
		})
		if err != nil && !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	}
	s = openTest(t, dir, o)
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- writeUntil(s, "doc0", stop) }()
	for range 5 {
		if _, _, err := s.Compact(ctx, nil); err != nil && !errors.Is(err, ErrBusy) {
			t.Fatal(err)
		}
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if v, err := s.Verify(ctx, nil); err != nil || len(v.Problems) > 0 {
		t.Errorf("%v, %v", v.Problems, err)
	}
	for name, files := range images {
		s := openTest(t, writeFiles(t, files), quietOptions)
		if err := verifyDocument(s, "doc0", acknowledged[name]); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// writeUntil appends to a document until stop is closed.
func writeUntil(s *Store, doc string, stop <-chan struct{}) error {
	for n := uint64(0); ; n++ {
		select {
		case <-stop:
			return nil
		default:
		}
		r := Record{Src: "src " + doc, Seq: n, Payload: crashPayload(doc, n)}
		if err := s.Append(ctx, doc, n, []Record{r}, nil); err != nil {
			return err
		}
	}
}

// Whoever would have to wait for a compaction goes first: it gives up as soon as a
// segment waits, and the writer here, which it cannot go on without, is never held up.
func TestCompactGivesUpBeforeWritersWait(t *testing.T) {
	o := quietOptions
	o.SegmentBytes = 1 << 10
	s, _ := longStore(t, o, 5000)
	n := uint64(0)
	_, _, err := s.Compact(ctx, func(done, total int64) {
		r := Record{Src: "s", Seq: n, Payload: make([]byte, 2<<10)} // a segment each
		if err := s.Append(ctx, "busy", n, []Record{r}, nil); err != nil {
			t.Error(err)
		}
		n++
	})
	if !errors.Is(err, ErrBusy) {
		t.Errorf("after %d segments: %v", n, err)
	}
	if got := len(readAll(t, s, "busy", 0, n)); uint64(got) != n {
		t.Errorf("%d of %d records", got, n)
	}
	if err := s.Flush(ctx); err != nil {
		t.Error(err)
	}
}

// After a burst the journal gives its room back, and nothing is lost whatever
// moment of that a crash strikes.
func TestJournalShrinksOnceItIsIdle(t *testing.T) {
	o := quietOptions
	o.SegmentBytes = 16 << 10
	images := map[string]map[string][]byte{}
	dir := t.TempDir()
	shrunk := make(chan struct{}, 100)
	o.hooks.step = func(name string) {
		images[name] = readFiles(t, dir)
		if name == "the new journal has the name" {
			shrunk <- struct{}{}
		}
	}
	s := openTest(t, dir, o)
	big := make([]byte, MaxPayloadBytes)
	if err := s.Append(ctx, "big", 0, []Record{{Payload: big}}, nil); err != nil {
		t.Fatal(err)
	}
	before, err := size(filepath.Join(dir, journalName))
	if err != nil {
		t.Fatal(err)
	}
	<-shrunk
	after, err := size(filepath.Join(dir, journalName))
	if err != nil || after > before/2 {
		t.Errorf("%d bytes became %d: %v", before, after, err)
	}
	if err := s.Append(ctx, "big", 1, []Record{{Payload: []byte("more")}}, nil); err != nil {
		t.Error(err)
	}
	for name, files := range images {
		s := openTest(t, writeFiles(t, files), quietOptions)
		if recs := readAll(t, s, "big", 0, 9); len(recs) != 1 || len(recs[0].Payload) != len(big) {
			t.Errorf("%s: %d records", name, len(recs))
		}
	}
}
