package store

import (
	"errors"
	"fmt"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// longStore is a store with a document of several full chunks.
func longStore(t *testing.T, o Options, records int) (s *Store, dir string) {
	t.Helper()
	dir = t.TempDir()
	s = openTest(t, dir, o)
	recs := make([]Record, records)
	for i := range recs {
		recs[i] = Record{Src: fmt.Sprint("s", i/5000), Seq: uint64(i), Time: int64(i), Payload: fmt.Append(nil, i, " ")}
	}
	err := errors.Join(s.Append(ctx, "d", 0, recs, nil), s.Flush(ctx), s.PutSnapshot("d", Snapshot{100, []byte("at 100")}), s.Flush(ctx))
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

var keptStates = []Snapshot{{50, []byte("at 50")}, {9000, []byte("at 9000")}, {9500, []byte("at 9500")}}

func checkRetained(t *testing.T, s *Store, records uint64) {
	t.Helper()
	if err := s.Records("d", 9499, records, nil); !errors.Is(err, ErrDropped) {
		t.Errorf("a dropped record: %v", err)
	}
	next := uint64(9500)
	err := s.Records("d", next, records, func(r Record) error {
		if r.Revision != next || string(r.Payload) != fmt.Sprint(next, " ") {
			return fmt.Errorf("record %d is %+v", next, r)
		}
		next++
		return nil
	})
	if err != nil || next != records {
		t.Errorf("records end at %d: %v", next, err)
	}
	for at, want := range map[uint64]string{49: "", 100: "at 50", 9499: "at 9000", 9500: "at 9500", 20_000: "at 9500"} {
		if sn, _, err := s.Snapshot("d", at); err != nil || string(sn.State) != want {
			t.Errorf("the state at or before %d is %q, %v; want %q", at, sn.State, err, want)
		}
	}
	if err := s.Flush(ctx); err != nil {
		t.Error(err)
	}
	v, err := s.Verify(ctx, nil)
	if err != nil || len(v.Problems) > 0 || v.Records != records-9500 {
		t.Errorf("%+v, %v", v, err)
	}
	if n := doomed(t, s); n != 0 {
		t.Errorf("%d documents wait to be removed", n)
	}
}

// doomed returns how many documents have values that wait to be removed.
func doomed(t *testing.T, s *Store) (n int) {
	t.Helper()
	err := s.main.view(func(tx *bolt.Tx) error { n = tx.Bucket(bucketDoomed).Stats().KeyN; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRetainIsDoneOrNotBegunAfterACrashAtEachStep(t *testing.T) {
	const records = 13_000
	o := quietOptions
	images := map[string]map[string][]byte{}
	var dir string
	o.hooks.step = func(name string) { images[name] = readFiles(t, dir) }
	var s *Store
	s, dir = longStore(t, o, records)
	if err := s.Retain(ctx, "d", 9500, keptStates); err != nil {
		t.Fatal(err)
	}
	checkRetained(t, s, records)
	t.Run("before", func(t *testing.T) {
		s := openTest(t, writeFiles(t, images["ready to drop records"]), quietOptions)
		if got := len(readAll(t, s, "d", 0, records)); got != records {
			t.Errorf("%d records", got)
		}
	})
	t.Run("after", func(t *testing.T) {
		s := openTest(t, writeFiles(t, images["records are dropped"]), quietOptions)
		checkRetained(t, s, records)
	})
}

// Appends join small chunks to the ones before them; never to dropped ones.
func TestRetainedDocumentsGoOn(t *testing.T) {
	s, _ := longStore(t, quietOptions, 9600)
	if err := s.Retain(ctx, "d", 9500, keptStates); err != nil {
		t.Fatal(err)
	}
	for n := uint64(9600); n < 9700; n++ {
		r := Record{Src: "s", Seq: n, Time: int64(n), Payload: fmt.Append(nil, n, " ")}
		if err := errors.Join(s.Append(ctx, "d", n, []Record{r}, nil), s.Flush(ctx)); err != nil {
			t.Fatal(err)
		}
	}
	checkRetained(t, s, 9700)
}

func TestRetainGivesRoomBack(t *testing.T) {
	s, _ := longStore(t, quietOptions, 100_000)
	if err := errors.Join(s.Retain(ctx, "d", 99_999, []Snapshot{{99_999, nil}}), s.Flush(ctx)); err != nil {
		t.Fatal(err)
	}
	before, after, err := s.Compact(ctx, nil)
	if err != nil || after > before*2/3 {
		t.Errorf("%d bytes became %d: %v", before, after, err)
	}
}

// A large document is removed in several transactions, which a crash may cut short.
func TestDeletingALargeDocumentIsResumed(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir, WithoutSync(quietOptions))
	sources := make([]Record, 3*removeKeys)
	for i := range sources {
		sources[i] = Record{Src: fmt.Sprint("source", i)}
	}
	if err := errors.Join(s.Append(ctx, "large", 0, sources, nil), s.Append(ctx, "small", 0, sources[:1], nil), s.Flush(ctx)); err != nil {
		t.Fatal(err)
	}
	if err := s.main.update(func(tx *bolt.Tx) error {
		h, err := loadHeader(tx, "large")
		return errors.Join(err, removeDocument(tx, "large", h.number))
	}); err != nil {
		t.Fatal(err)
	}
	if n := doomed(t, s); n != 1 {
		t.Fatalf("%d documents wait to be removed after one transaction", n)
	}
	abandon(t, s)
	s = openTest(t, dir, WithoutSync(quietOptions))
	v, err := s.Verify(ctx, nil)
	if err != nil || len(v.Problems) > 0 || v.Documents != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if n := doomed(t, s); n != 0 {
		t.Errorf("%d documents still wait", n)
	}
	if err := s.main.view(func(tx *bolt.Tx) error {
		if n := tx.Bucket(bucketSources).Stats().KeyN; n != 1 {
			t.Errorf("%d sources remain", n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
