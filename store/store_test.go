package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
)

var ctx = context.Background()

// quiet are options without a log.
func quiet() Options { return Options{Logger: slog.New(slog.DiscardHandler)} }

func openTest(t testing.TB, dir string, opt Options) *Store {
	t.Helper()
	s, err := Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func rec(src string, seq uint64, payload string) Record {
	return Record{Src: src, Seq: seq, Author: "ann", Time: 1_700_000_000_000 + int64(seq), Payload: []byte(payload)}
}

func readAll(t testing.TB, s *Store, doc string, from, to uint64) (out []Record) {
	t.Helper()
	err := s.Records(doc, from, to, func(r Record) error { out = append(out, r); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRecordsSurviveReopenAndFlush(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir, Options{})
	for i := range uint64(50) {
		if err := s.Append(ctx, "doc", i, []Record{rec("s", i, fmt.Sprint("p", i))}, nil); err != nil {
			t.Fatal(err)
		}
		if i == 20 || i == 30 {
			if err := s.Flush(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	check := func() {
		t.Helper()
		got := readAll(t, s, "doc", 10, 45)
		if len(got) != 35 {
			t.Fatalf("got %d records, want 35", len(got))
		}
		for i, r := range got {
			want := rec("s", uint64(10+i), fmt.Sprint("p", 10+i))
			if r.Revision != uint64(10+i) || r.Seq != want.Seq || r.Time != want.Time || r.Src != "s" || r.Author != "ann" || !bytes.Equal(r.Payload, want.Payload) {
				t.Fatalf("record %d is %+v", 10+i, r)
			}
		}
		seq, rev, ok, err := s.Last("doc", "s")
		if seq != 49 || rev != 49 || !ok || err != nil {
			t.Fatalf("Last = %d %d %v %v", seq, rev, ok, err)
		}
	}
	check()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, dir, Options{})
	check()
	if err := s.Append(ctx, "doc", 49, []Record{rec("s", 1, "x")}, nil); !errors.Is(err, ErrConflict) {
		t.Fatalf("append at an old revision: %v", err)
	}
	if err := s.Append(ctx, "doc", 50, []Record{rec("s", 50, "x")}, []byte("meta")); err != nil {
		t.Fatal(err)
	}
	info, err := s.Info("doc")
	if err != nil || info.Revision != 51 || string(info.Meta) != "meta" || info.MetaVersion != 1 {
		t.Fatalf("Info = %+v, %v", info, err)
	}
	var b bytes.Buffer
	if err := s.Backup(ctx, &b, nil); err != nil {
		t.Fatal(err)
	}
	copyDir := t.TempDir()
	if err := Restore(copyDir, &b); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, copyDir, Options{})
	if n := len(readAll(t, s, "doc", 0, 1000)); n != 51 {
		t.Fatalf("%d records in the restored copy", n)
	}
}

func TestWriterTellsDurableByNumberAndPoke(t *testing.T) {
	s := openTest(t, t.TempDir(), Options{})
	w := s.Writer("doc")
	for i := range uint64(100) {
		if err := w.Append(i, []Record{rec("s", i, "p")}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for {
		n, err := w.Durable()
		if err != nil {
			t.Fatal(err)
		}
		if n == 100 {
			break
		}
		<-w.Wake()
	}
	other := s.Writer("doc")
	if err := other.Append(100, []Record{rec("o", 1, "p")}, nil); err != nil {
		t.Fatal(err)
	}
	<-other.Wake()
	if err := w.Append(100, []Record{rec("s", 100, "p")}, nil); err != nil {
		t.Fatal(err)
	}
	<-w.Wake()
	n, err := w.Durable()
	for err == nil {
		<-w.Wake()
		n, err = w.Durable()
	}
	if n != 100 || !errors.Is(err, ErrConflict) {
		t.Fatalf("Durable = %d, %v", n, err)
	}
	w.Close()
	other.Close()
}

func TestIdleDocumentsLeaveMemory(t *testing.T) {
	s := openTest(t, t.TempDir(), Options{})
	for i := range 200 {
		if err := s.Append(ctx, fmt.Sprint("doc", i), 0, []Record{rec("s", 1, "p")}, []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.PutSnapshot("doc7", Snapshot{1, []byte("state")}); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if n := len(s.docs); n != 0 {
		t.Fatalf("%d documents in memory", n)
	}
	if sn, ok, err := s.Snapshot("doc7", 5); err != nil || !ok || string(sn.State) != "state" || sn.Revision != 1 {
		t.Fatalf("Snapshot = %v %v %v", sn, ok, err)
	}
	all, err := s.List("doc1", 5)
	if err != nil || len(all) != 5 || all[0].Document != "doc10" || string(all[4].Meta) != "{}" {
		t.Fatalf("List = %v, %v", all, err)
	}
}

func TestDeleteThenCreateAgain(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir, Options{})
	for range 3 {
		if err := s.Append(ctx, "doc", 0, []Record{rec("s", 1, "old"), rec("s", 2, "old")}, []byte("m")); err != nil {
			t.Fatal(err)
		}
		if err := s.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(ctx, "doc"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Info("doc"); !errors.Is(err, ErrNotFound) {
			t.Fatalf("Info of a deleted document: %v", err)
		}
	}
	if err := s.Append(ctx, "doc", 0, []Record{rec("t", 9, "new")}, nil); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, _, ok, err := s.Last("doc", "s"); ok || err != nil {
			t.Fatalf("a source of the deleted document is known: %v", err)
		}
		if got := readAll(t, s, "doc", 0, 10); len(got) != 1 || string(got[0].Payload) != "new" {
			t.Fatalf("records are %+v", got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openTest(t, dir, Options{})
	}
}

// Joining chunks deletes keys and looks for others in one transaction. bbolt's
// Prev stopped at pages that such deletes had emptied, and chunks seemed lost.
func TestManyFlushesOfManyDocumentsKeepEveryChunk(t *testing.T) {
	s := openTest(t, t.TempDir(), WithoutSync(Options{MinGap: -1}))
	const docs, rounds = 40, 40
	for round := range uint64(rounds) {
		for d := range docs {
			doc := fmt.Sprint("doc", d)
			r := Record{Src: "src " + doc, Seq: round, Payload: noise(doc, round, 700)}
			if err := s.Append(ctx, doc, round, []Record{r}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Flush(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for d := range docs {
		doc := fmt.Sprint("doc", d)
		got := readAll(t, s, doc, 0, rounds)
		for i, r := range got {
			if !bytes.Equal(r.Payload, noise(doc, uint64(i), 700)) {
				t.Fatalf("record %d of %s is wrong", i, doc)
			}
		}
		if len(got) != rounds {
			t.Fatalf("%s has %d records", doc, len(got))
		}
	}
}

// noise returns n bytes that do not compress and that name their record.
func noise(doc string, revision uint64, n int) []byte {
	var seed [32]byte
	copy(seed[:], fmt.Append(nil, doc, revision))
	b := make([]byte, n)
	_, _ = rand.NewChaCha8(seed).Read(b)
	return b
}

func TestTheFirstSnapshotOfASpanAndTheNewestStay(t *testing.T) {
	s := openTest(t, t.TempDir(), WithoutSync(Options{MinGap: -1}))
	recs := make([]Record, 5)
	if err := s.Append(ctx, "doc", 0, recs, nil); err != nil {
		t.Fatal(err)
	}
	for n := range uint64(6) {
		if err := errors.Join(s.PutSnapshot("doc", Snapshot{n, []byte{byte(n)}}), s.Flush(ctx)); err != nil {
			t.Fatal(err)
		}
		for at, want := range map[uint64]uint64{n: n, max(n, 1) - 1: 0, 99: n} {
			sn, ok, err := s.Snapshot("doc", at)
			if err != nil || !ok || sn.Revision != want || sn.State[0] != byte(want) {
				t.Fatalf("with snapshots to %d, the one at %d is %+v, %v, %v; want %d", n, at, sn, ok, err, want)
			}
		}
	}
}
