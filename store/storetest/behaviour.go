package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/quire-editor/quire/store"
)

var ctx = context.Background()

func start(t testing.TB, open Opener) Store {
	t.Helper()
	s, err := open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, want %v", err, want)
	}
}

func record(src string, seq uint64, payload string) store.Record {
	return store.Record{Src: src, Seq: seq, Author: "ann", Time: 1_750_000_000_000 + int64(seq), Payload: []byte(payload)}
}

func collect(t testing.TB, s Store, document string, from, to uint64) (out []store.Record) {
	t.Helper()
	must(t, s.Records(document, from, to, func(r store.Record) error { out = append(out, r); return nil }))
	return out
}

func payloads(recs []store.Record) string {
	var b strings.Builder
	for _, r := range recs {
		b.Write(r.Payload)
	}
	return b.String()
}

func wantText(t testing.TB, s Store, document, want string) {
	t.Helper()
	if got := payloads(collect(t, s, document, 0, 1<<60)); got != want {
		t.Fatalf("records of %q are %q, want %q", document, got, want)
	}
}

func conflicts(t *testing.T, open Opener) {
	s := start(t, open)
	must(t, s.Append(ctx, "d", 0, []store.Record{record("s", 1, "a"), record("s", 2, "b")}, nil))
	for _, expect := range []uint64{0, 1, 3, 1 << 60} {
		wantError(t, s.Append(ctx, "d", expect, []store.Record{record("s", 3, "x")}, []byte("m")), store.ErrConflict)
	}
	wantText(t, s, "d", "ab")
	if info, err := s.Info("d"); err != nil || info.Revision != 2 || info.MetaVersion != 0 {
		t.Fatalf("Info = %+v, %v", info, err)
	}
	must(t, s.Append(ctx, "d", 2, []store.Record{record("s", 3, "c")}, nil))
	wantText(t, s, "d", "abc")
}

func existence(t *testing.T, open Opener) {
	s := start(t, open)
	wantError(t, s.Append(ctx, "d", 5, []store.Record{record("s", 1, "a")}, nil), store.ErrNotFound)
	wantError(t, s.Append(ctx, "d", 0, nil, []byte("m")), store.ErrNotFound)
	wantError(t, s.SetMeta(ctx, "d", 0, []byte("m")), store.ErrNotFound)
	wantError(t, s.Delete(ctx, "d"), store.ErrNotFound)
	wantError(t, s.PutSnapshot("d", store.Snapshot{}), store.ErrNotFound)
	wantError(t, s.Records("d", 0, 1, nil), store.ErrNotFound)
	_, err := s.Info("d")
	wantError(t, err, store.ErrNotFound)
	_, _, _, err = s.Last("d", "s")
	wantError(t, err, store.ErrNotFound)
	_, _, err = s.Snapshot("d", 0)
	wantError(t, err, store.ErrNotFound)
	if all, err := s.List("", 0); err != nil || len(all) != 0 {
		t.Fatalf("List = %v, %v", all, err)
	}
	must(t, s.Append(ctx, "d", 0, []store.Record{record("s", 7, "a")}, []byte("m")))
	info, err := s.Info("d")
	want := store.Info{Document: "d", Revision: 1, Created: record("s", 7, "").Time, Modified: record("s", 7, "").Time, Meta: []byte("m"), MetaVersion: 1}
	if err != nil || fmt.Sprint(info) != fmt.Sprint(want) {
		t.Fatalf("Info = %+v, %v; want %+v", info, err, want)
	}
}

func limits(t *testing.T, open Opener) {
	s := start(t, open)
	one := []store.Record{record("s", 1, "a")}
	long := strings.Repeat("x", 256)
	big := make([]byte, store.MaxPayloadBytes+1)
	for name, err := range map[string]error{
		"document": s.Append(ctx, long, 0, one, nil),
		"source":   s.Append(ctx, "d", 0, []store.Record{record(long, 1, "a")}, nil),
		"author":   s.Append(ctx, "d", 0, []store.Record{{Author: long}}, nil),
		"payload":  s.Append(ctx, "d", 0, []store.Record{{Payload: big}}, nil),
		"metadata": s.Append(ctx, "d", 0, one, big),
		"append":   s.Append(ctx, "d", 0, []store.Record{{Payload: big[1:]}, {Payload: big[1:]}}, nil),
	} {
		if !errors.Is(err, store.ErrTooLarge) || !strings.Contains(err.Error(), name) {
			t.Errorf("too large %s: %v", name, err)
		}
	}
	wantError(t, s.Append(ctx, "", 0, one, nil), store.ErrInvalid)
	wantError(t, s.Append(ctx, "d", 0, nil, nil), store.ErrInvalid)
	wantError(t, s.Append(ctx, "d", 0, []store.Record{{Revision: 3}}, nil), store.ErrInvalid)
	_, err := s.Info("d")
	wantError(t, err, store.ErrNotFound)
	must(t, s.Append(ctx, "d", 0, []store.Record{{Payload: big[1:]}}, make([]byte, store.MaxMetaBytes)))
	must(t, s.Flush(ctx))
	if got := collect(t, s, "d", 0, 1); len(got) != 1 || !bytes.Equal(got[0].Payload, big[1:]) {
		t.Error("a record of the largest size does not come back")
	}
}

func aliasing(t *testing.T, open Opener) {
	s := start(t, open)
	payload, meta := []byte("right"), []byte("right")
	w := s.Writer("d")
	defer w.Close()
	must(t, w.Append(0, []store.Record{{Payload: payload}}, meta))
	copy(payload, "wrong")
	copy(meta, "wrong")
	await(t, w, 1)
	wantText(t, s, "d", "right")
	collect(t, s, "d", 0, 1)[0].Payload[0] = 'x'
	info, err := s.Info("d")
	must(t, err)
	if string(info.Meta) != "right" {
		t.Fatalf("metadata is %q", info.Meta)
	}
	info.Meta[0] = 'x'
	wantText(t, s, "d", "right")
	if info, _ = s.Info("d"); string(info.Meta) != "right" {
		t.Fatalf("metadata changed through a copy of it: %q", info.Meta)
	}
}

func atomicMeta(t *testing.T, open Opener) {
	s := start(t, open)
	must(t, s.Append(ctx, "d", 0, []store.Record{record("s", 1, "a")}, []byte("one")))
	wantError(t, s.Append(ctx, "d", 0, []store.Record{record("s", 2, "b")}, []byte("two")), store.ErrConflict)
	if info, err := s.Info("d"); err != nil || string(info.Meta) != "one" || info.Revision != 1 || info.MetaVersion != 1 {
		t.Fatalf("Info = %+v, %v", info, err)
	}
	must(t, s.Append(ctx, "d", 1, nil, []byte("three")))
	if info, err := s.Info("d"); err != nil || string(info.Meta) != "three" || info.Revision != 1 || info.MetaVersion != 2 {
		t.Fatalf("Info = %+v, %v", info, err)
	}
}

func metaVersions(t *testing.T, open Opener) {
	s := start(t, open)
	must(t, s.Append(ctx, "d", 0, []store.Record{record("s", 1, "a")}, nil))
	must(t, s.SetMeta(ctx, "d", 0, []byte("one")))
	wantError(t, s.SetMeta(ctx, "d", 0, []byte("x")), store.ErrConflict)
	wantError(t, s.SetMeta(ctx, "d", 2, []byte("x")), store.ErrConflict)
	must(t, s.SetMeta(ctx, "d", 1, []byte("")))
	info, err := s.Info("d")
	if err != nil || len(info.Meta) != 0 || info.MetaVersion != 2 || info.Revision != 1 {
		t.Fatalf("Info = %+v, %v", info, err)
	}
	if info.Modified < info.Created {
		t.Fatalf("modified at %d, created at %d", info.Modified, info.Created)
	}
}

// await waits until a writer's watermark is at least revision.
func await(t testing.TB, w Writer, revision uint64) {
	t.Helper()
	for {
		have, err := w.Durable()
		must(t, err)
		if have >= revision {
			return
		}
		<-w.Wake()
	}
}

// awaitError waits until a writer ends and returns its watermark and error.
func awaitError(w Writer) (uint64, error) {
	for {
		if have, err := w.Durable(); err != nil {
			return have, err
		}
		<-w.Wake()
	}
}

func pipeline(t *testing.T, open Opener) {
	s := start(t, open)
	w := s.Writer("d")
	defer w.Close()
	if n, err := w.Durable(); n != 0 || err != nil {
		t.Fatalf("Durable of a new document = %d, %v", n, err)
	}
	before := uint64(0)
	for i := range uint64(300) {
		must(t, w.Append(i, []store.Record{record("s", i, "x")}, nil))
		n, err := w.Durable()
		must(t, err)
		if n < before || n > i+1 {
			t.Fatalf("watermark went from %d to %d with %d appended", before, n, i+1)
		}
		before = n
		if got := len(collectExisting(t, s, n)); uint64(got) < n {
			t.Fatalf("watermark %d, but %d records", n, got)
		}
	}
	await(t, w, 300)
	again := s.Writer("d")
	defer again.Close()
	if n, err := again.Durable(); n != 300 || err != nil {
		t.Fatalf("Durable of a second writer = %d, %v", n, err)
	}
}

func collectExisting(t testing.TB, s Store, n uint64) []store.Record {
	if n == 0 {
		return nil
	}
	return collect(t, s, "d", 0, 1<<60)
}

func writerConflict(t *testing.T, open Opener) {
	s := start(t, open)
	must(t, s.Append(ctx, "d", 0, []store.Record{record("s", 1, "a")}, nil))
	w := s.Writer("d")
	defer w.Close()
	must(t, s.Append(ctx, "d", 1, []store.Record{record("t", 1, "b")}, nil))
	must(t, w.Append(1, []store.Record{record("s", 2, "x")}, nil))
	n, err := awaitError(w)
	wantError(t, err, store.ErrConflict)
	if n != 1 {
		t.Fatalf("watermark is %d, want 1", n)
	}
	// The log now is where a later append of the ended writer would fit.
	wantError(t, w.Append(2, []store.Record{record("s", 3, "y")}, nil), store.ErrConflict)
	wantText(t, s, "d", "ab")
}

func foreignAppend(t *testing.T, open Opener) {
	s := start(t, open)
	w := s.Writer("d")
	defer w.Close()
	must(t, w.Append(0, []store.Record{record("s", 1, "a")}, nil))
	await(t, w, 1)
	must(t, s.Append(ctx, "d", 1, []store.Record{record("t", 1, "b")}, nil))
	if n, err := w.Durable(); n != 1 || err != nil {
		t.Fatalf("Durable = %d, %v, want 1", n, err)
	}
}

func deletion(t *testing.T, open Opener) {
	s := start(t, open)
	for round := range 4 {
		must(t, s.Append(ctx, "d", 0, []store.Record{record("old", 9, "old"), record("old", 10, "old")}, []byte("old")))
		must(t, s.PutSnapshot("d", store.Snapshot{Revision: 2, State: []byte("old")}))
		if round&1 == 1 {
			must(t, s.Flush(ctx))
		}
		w := s.Writer("d")
		must(t, s.Delete(ctx, "d"))
		_, err := awaitError(w)
		wantError(t, err, store.ErrNotFound)
		w.Close()
		if round&2 == 2 {
			must(t, s.Flush(ctx))
		}
		must(t, s.Append(ctx, "d", 0, []store.Record{record("new", 1, "n"), record("new", 2, "ew")}, nil))
		wantText(t, s, "d", "new")
		if _, _, ok, err := s.Last("d", "old"); ok || err != nil {
			t.Fatalf("the deleted document's source is known (%v)", err)
		}
		if sn, ok, err := s.Snapshot("d", 9); ok || err != nil {
			t.Fatalf("the deleted document's snapshot is found: %v, %v", sn, err)
		}
		if info, err := s.Info("d"); err != nil || info.Meta != nil || info.MetaVersion != 0 {
			t.Fatalf("Info = %+v, %v", info, err)
		}
		must(t, s.Delete(ctx, "d"))
	}
	if all, err := s.List("", 0); err != nil || len(all) != 0 {
		t.Fatalf("List = %v, %v", all, err)
	}
}

func snapshots(t *testing.T, open Opener) {
	s := start(t, open)
	must(t, s.Append(ctx, "d", 0, []store.Record{record("s", 1, "a"), record("s", 2, "b")}, nil))
	wantError(t, s.PutSnapshot("d", store.Snapshot{Revision: 3, State: []byte("abc")}), store.ErrConflict)
	if _, ok, err := s.Snapshot("d", 9); ok || err != nil {
		t.Fatalf("a refused snapshot is found (%v)", err)
	}
	big := bytes.Repeat([]byte("state"), 100_000)
	for _, sn := range []store.Snapshot{{Revision: 1, State: []byte("a")}, {Revision: 2, State: []byte("wrong")}, {Revision: 2, State: big}} {
		must(t, s.PutSnapshot("d", sn))
		must(t, s.Flush(ctx))
	}
	for at, want := range map[uint64]uint64{1: 1, 2: 2, 1 << 60: 2} {
		if sn, ok, err := s.Snapshot("d", at); err != nil || !ok || sn.Revision != want {
			t.Fatalf("Snapshot(%d) = revision %d, %v, %v", at, sn.Revision, ok, err)
		}
	}
	if sn, _, err := s.Snapshot("d", 2); err != nil || !bytes.Equal(sn.State, big) {
		t.Fatalf("the replaced state does not come back (%v)", err)
	}
	if _, ok, err := s.Snapshot("d", 0); ok || err != nil {
		t.Fatalf("a snapshot at revision 0 is found (%v)", err)
	}
}

func listing(t *testing.T, open Opener) {
	s := start(t, open)
	for i := range 60 {
		must(t, s.Append(ctx, fmt.Sprintf("d%02d", (i*37)%60), 0, []store.Record{record("s", 1, "a")}, nil))
		if i == 30 {
			must(t, s.Flush(ctx))
		}
	}
	must(t, s.Delete(ctx, "d10"))
	var got []string
	for after := ""; ; {
		page, err := s.List(after, 7)
		must(t, err)
		if len(page) == 0 {
			break
		}
		for _, info := range page {
			got = append(got, info.Document)
		}
		after = got[len(got)-1]
	}
	if len(got) != 59 {
		t.Fatalf("%d documents listed, want 59: %v", len(got), got)
	}
	for i := 1; i < len(got); i++ {
		if got[i-1] >= got[i] {
			t.Fatalf("%q comes before %q", got[i-1], got[i])
		}
	}
}

func reentrantReader(t *testing.T, open Opener) {
	s := start(t, open)
	must(t, s.Append(ctx, "d", 0, []store.Record{record("s", 1, "a"), record("s", 2, "b")}, nil))
	must(t, s.Flush(ctx))
	must(t, s.Append(ctx, "d", 2, []store.Record{record("s", 3, "c")}, nil))
	head := uint64(3)
	n := 0
	must(t, s.Records("d", 0, 1<<60, func(store.Record) error {
		n++
		must(t, s.Append(ctx, "d", head, []store.Record{record("s", 9, "x")}, nil))
		head++
		return s.Flush(ctx)
	}))
	if n != 3 {
		t.Fatalf("the reader saw %d records, want the 3 there were", n)
	}
	stop := errors.New("enough")
	wantError(t, s.Records("d", 0, 9, func(store.Record) error { return stop }), stop)
}

func concurrent(t *testing.T, open Opener) {
	s := start(t, open)
	const docs, each = 20, 50
	var wg sync.WaitGroup
	for d := range docs {
		wg.Go(func() {
			id := fmt.Sprint("d", d)
			w := s.Writer(id)
			defer w.Close()
			for i := range uint64(each) {
				if err := w.Append(i, []store.Record{record(id, i, "x")}, nil); err != nil {
					t.Error(err)
					return
				}
			}
			await(t, w, each)
		})
	}
	wg.Go(func() {
		for range 10 {
			if err := s.Flush(ctx); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	for d := range docs {
		id := fmt.Sprint("d", d)
		for i, r := range collect(t, s, id, 0, each) {
			if r.Revision != uint64(i) || r.Seq != uint64(i) || r.Src != id {
				t.Fatalf("record %d of %s is %+v", i, id, r)
			}
		}
		if seq, rev, ok, err := s.Last(id, id); seq != each-1 || rev != each-1 || !ok || err != nil {
			t.Fatalf("Last = %d, %d, %v, %v", seq, rev, ok, err)
		}
	}
}

func backups(t *testing.T, open Opener) {
	s := start(t, open)
	must(t, s.Append(ctx, "d", 0, []store.Record{record("s", 1, "a")}, []byte("m")))
	must(t, s.Flush(ctx))
	must(t, s.Append(ctx, "d", 1, []store.Record{record("s", 2, "b")}, nil))
	var stop sync.WaitGroup
	done := make(chan struct{})
	stop.Go(func() { // the store works on meanwhile
		for i := uint64(0); ; i++ {
			select {
			case <-done:
				return
			default:
			}
			if err := errors.Join(s.Append(ctx, "e", i, []store.Record{record("s", i, "x")}, nil), s.Flush(ctx)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 5 {
		var b bytes.Buffer
		told := int64(0)
		must(t, s.Backup(ctx, &b, func(done, total int64) {
			if done < told || done > total {
				t.Errorf("%d of %d bytes after %d", done, total, told)
			}
			told = done
		}))
		if told != int64(b.Len()) {
			t.Errorf("%d bytes told of %d", told, b.Len())
		}
		dir := t.TempDir()
		must(t, store.Restore(dir, &b))
		c, err := open(dir)
		must(t, err)
		wantText(t, c, "d", "ab")
		must(t, c.Append(ctx, "d", 2, []store.Record{record("s", 3, "c")}, nil))
		must(t, c.Close())
	}
	close(done)
	stop.Wait()
}

func closed(t *testing.T, open Opener) {
	s := start(t, open)
	must(t, s.Append(ctx, "d", 0, []store.Record{record("s", 1, "a")}, nil))
	w := s.Writer("d")
	must(t, s.Close())
	must(t, s.Close())
	_, err := awaitError(w)
	wantError(t, err, store.ErrClosed)
	w.Close()
	wantError(t, s.Append(ctx, "d", 1, []store.Record{record("s", 2, "b")}, nil), store.ErrClosed)
	_, err = s.Info("d")
	wantError(t, err, store.ErrClosed)
	wantError(t, s.Flush(ctx), store.ErrClosed)
	wantError(t, s.Backup(ctx, &bytes.Buffer{}, nil), store.ErrClosed)
	_, err = s.List("", 1)
	wantError(t, err, store.ErrClosed)
}
