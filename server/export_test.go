package server

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/store"
)

var exportSeed = flag.Uint64("export-seed", 0, "seed of the exported documents; 0 for a new one")

// A document of every kind of change, exported and imported, has the same records and, exported again, the same bytes.
func TestExportKeepsEveryKindOfChange(t *testing.T) {
	if *exportSeed == 0 {
		*exportSeed = rand.Uint64()
	}
	t.Logf("rerun: go test ./server -run %s -export-seed %d", t.Name(), *exportSeed)
	random := rand.New(rand.NewPCG(*exportSeed, 1))
	from, to := serveNew(t), serveNew(t)
	for n := range 20 {
		id := fmt.Sprintf("doc-%d", n)
		fillAtRandom(t, from.store, id, random)
		if n%4 == 3 {
			dropOldest(t, from, id, random)
		}
		first := exported(t, from, id)
		if got, err := to.Import(context.Background(), bytes.NewReader(first), ""); err != nil || got != id {
			t.Fatalf("%v\n%s", err, first)
		}
		if again := exported(t, to, id); !bytes.Equal(first, again) {
			t.Fatalf("%s differs:\n%s\n%s", id, first, again)
		}
		sameRecords(t, from.store, to.store, id)
	}
	found, err := to.Verify(context.Background(), func(Verification) {})
	if err != nil || len(found.Problems) > 0 {
		t.Errorf("%v %v", found.Problems, err)
	}
}

func exported(t *testing.T, ts *testServer, id string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := ts.Export(context.Background(), id, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// fillAtRandom makes a document of creates, edits and deletes, with whatever JSON can hold in attributes and embeds.
func fillAtRandom(t *testing.T, st *store.Store, id string, random *rand.Rand) {
	t.Helper()
	s := newState()
	meta := metadata{Kind: KindRich, Title: "<title> & \u2028 ü", Owner: "guest:somebody"}.encode()
	records := 20 + random.IntN(60)
	for n := range records {
		c := randomChange(s, random)
		if !s.exists || n == records-1 && !s.exists {
			c.kind = changeCreate
		}
		if n == records-1 && c.kind == changeDelete {
			c = change{kind: changeEdit}
		}
		if err := s.apply(c); err != nil {
			t.Fatal(err)
		}
		r := store.Record{
			Src: fmt.Sprint("src", random.IntN(3)), Seq: uint64(n + 1), Author: fmt.Sprint("guest:", random.IntN(3)),
			Time: 1_700_000_000_000 + int64(n)*random.Int64N(5), Payload: c.encode(),
		}
		if err := st.Append(context.Background(), id, uint64(n), []store.Record{r}, meta); err != nil {
			t.Fatal(err)
		}
		meta = nil
	}
	for n := range random.IntN(4) {
		said, _ := json.Marshal(map[string]string{"id": fmt.Sprint(n), "text": "<b>&\u2029 " + randomText(random)})
		m := store.Message{Author: "guest:1", Time: int64(n), Payload: said}
		if err := st.AppendMessages(context.Background(), id, uint64(n), []store.Message{m}); err != nil {
			t.Fatal(err)
		}
	}
}

func randomChange(s *state, random *rand.Rand) change {
	if !s.exists {
		return change{changeCreate, ot.Delta{ot.InsertText(randomText(random), ot.Attributes{})}}
	}
	switch length := s.text.Len(); {
	case random.IntN(15) == 0:
		return change{kind: changeDelete}
	case random.IntN(10) == 0:
		return change{changeEdit, nil}
	case length > 2 && random.IntN(3) == 0:
		at := random.IntN(length - 1)
		return change{changeEdit, decoded(`[{"retain":%d},{"delete":1}]`, at+1)}
	case length > 1 && random.IntN(3) == 0:
		return change{changeEdit, decoded(`[{"retain":%d,"attributes":{"bold":true,"n":1.5e10,"deep":{"a":[null,"<&>","\ud83d"]},"gone":null}}]`, 1+random.IntN(length))}
	case random.IntN(3) == 0:
		return change{changeEdit, decoded(`[{"insert":{"image":"/x?a=1&b=<2>","n":%d}}]`, random.IntN(9))}
	}
	return change{changeEdit, ot.Delta{ot.InsertText(randomText(random), ot.Attributes{})}}
}

func decoded(form string, args ...any) ot.Delta {
	d, err := ot.DecodeJSON(fmt.Appendf(nil, form, args...), ot.DefaultLimits)
	if err != nil {
		panic(err)
	}
	return d
}

// randomText may hold half of a surrogate pair, as browsers send it.
func randomText(random *rand.Rand) string {
	pieces := []string{"a", "<&>", "\n", "\u2028", "ü", "😀", "\x00", "\xed\xa0\xbd", "\"\\"}
	var b strings.Builder
	for range 1 + random.IntN(6) {
		b.WriteString(pieces[random.IntN(len(pieces))])
	}
	return b.String()
}

// dropOldest drops the oldest records of a document and keeps two states in their place.
func dropOldest(t *testing.T, ts *testServer, id string, random *rand.Rand) {
	t.Helper()
	first := 2 + uint64(random.IntN(10))
	log := &storeLog{store: ts.store, document: id}
	var states []store.Snapshot
	for _, at := range []uint64{first / 2, first} {
		st, _, err := replay(log, at)
		if err != nil {
			t.Fatal(err)
		}
		states = append(states, store.Snapshot{Revision: at, State: st.encode()})
	}
	if err := ts.store.Retain(context.Background(), id, first, states); err != nil {
		t.Fatal(err)
	}
}

func sameRecords(t *testing.T, a, b *store.Store, id string) {
	t.Helper()
	info, err := a.Info(id)
	if err != nil {
		t.Fatal(err)
	}
	records := func(st *store.Store) (all []store.Record) {
		if err := st.Records(id, info.First, info.Revision, func(r store.Record) error { all = append(all, r); return nil }); err != nil {
			t.Fatal(err)
		}
		return all
	}
	was, is := records(a), records(b)
	if len(was) != len(is) {
		t.Fatalf("%s has %d records, not %d", id, len(is), len(was))
	}
	for i := range was {
		if w, g := was[i], is[i]; w.Src != g.Src || w.Seq != g.Seq || w.Author != g.Author || w.Time != g.Time || !bytes.Equal(w.Payload, g.Payload) {
			t.Fatalf("%s: record %d is %+v, not %+v", id, i, g, w)
		}
	}
}

// Whatever is read as an exported document is refused with a sentence or taken in whole; it never panics, and leaves nothing
// half done.
func FuzzImport(f *testing.F) {
	st, err := store.Open(f.TempDir(), store.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = st.Close() })
	s := New(Options{Store: st, Secret: make([]byte, secretBytes)})
	f.Add([]byte(`{"quire":"document","format":1,"id":"d","revision":1,"meta":{"kind":"text"}}` + "\n" +
		`{"record":0,"src":"s","seq":1,"create":[{"insert":"x"}]}` + "\n" +
		`{"end":"51a2ab33dbd3a1a6f3d2b9d0d0ac47d3b6a0f5f4d1d5a3d1f0c5a3c5c0b2d3e4"}` + "\n"))
	f.Add([]byte(`{"quire":"document","format":1,"id":"d","revision":2,"first":1,"messages":1,"pictures":1,"meta":{}}` + "\n" +
		`{"state":1,"exists":true,"content":[]}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		id, err := s.Import(context.Background(), bytes.NewReader(data), "")
		if err == nil {
			if err := st.Delete(context.Background(), id); err != nil {
				t.Fatal(err)
			}
		}
		if left, err := st.List("", 1); err != nil || len(left) > 0 {
			t.Fatalf("left behind: %v (%v)", left, err)
		}
	})
}
