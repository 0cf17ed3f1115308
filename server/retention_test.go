package server

import (
	"fmt"
	"testing"
	"time"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/store"
)

// aged is a document of ten days, with a hundred records on each, and what it was at each revision.
func (ts *testServer) aged(now int64) (document string, states []ot.Delta) {
	ts.t.Helper()
	document = "aged"
	st := newState()
	states = append(states, nil)
	for d := range 10 {
		var records []store.Record
		for i := range 100 {
			c := change{changeEdit, ot.Delta{insert(fmt.Sprintf("%d.%d ", d, i))}}
			if d == 0 && i == 0 {
				c.kind = changeCreate
			}
			records = append(records, store.Record{
				Src: "s", Seq: uint64(d*100 + i + 1), Author: "guest:ann", Time: (now/day-10+int64(d))*day + int64(i)*1000, Payload: c.encode(),
			})
			if err := st.apply(c); err != nil {
				ts.t.Fatal(err)
			}
			states = append(states, st.text.Delta())
		}
		meta := metadata{Kind: KindText, Owner: "guest:ann"}
		if err := ts.store.Append(ts.t.Context(), document, uint64(d*100), records, meta.encode()); err != nil {
			ts.t.Fatal(err)
		}
	}
	return document, states
}

func TestOldHistoryIsDroppedButForNamedVersionsAndDays(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.KeepHistory = 3 * 24 * time.Hour })
	now := nowMillis() / day * day // midnight: three days are whole
	doc, states := ts.aged(now)
	ts.ask("ann", "POST", doc+"/versions", `{"name":"first words","revision":42}`, 201, nil)
	p := ts.join(doc, "") // somebody has it open
	p.follow()
	for range 2 { // the second time there is nothing to do
		if err := ts.trimAll(t.Context(), now); err != nil {
			t.Fatal(err)
		}
	}
	info, err := ts.store.Info(doc)
	if err != nil || info.First != 700 || info.Revision != 1000 {
		t.Fatalf("kept from %d of %d: %v", info.First, info.Revision, err)
	}
	kept := map[int]bool{42: true}
	for d := 1; d <= 7; d++ {
		kept[d*100] = true
	}
	for revision := 1; revision <= 1000; revision += 1 {
		if revision > 700 && revision%50 != 0 {
			continue
		}
		status := 410
		if kept[revision] || revision >= 700 {
			status = 200
			if got := ts.content(doc, uint64(revision)); !got.Equal(states[revision]) {
				t.Fatalf("revision %d became %v", revision, got)
			}
		}
		ts.ask("ann", "GET", fmt.Sprintf("%s/revisions/%d/text", doc, revision), "", status, nil)
	}
	ts.ask("ann", "GET", doc+"/diff?from=42&to=1000", "", 410, nil)
	ts.ask("ann", "POST", doc+"/undo", `{"person":"x","from":42,"to":1000}`, 410, nil)
	ts.ask("ann", "GET", doc+"/blame", "", 200, nil)
	ts.ask("ann", "POST", doc+"/restore", `{"revision":42}`, 200, nil)
	if got, err := ts.view(t.Context(), doc); err != nil || !got.text.Delta().Equal(states[42]) {
		t.Fatalf("restored it is %v, %v", got.text.Delta(), err)
	}
	p.edit(1, 1001, `[{"insert":"on we go "}]`)
}

func TestAllHistoryIsKeptUnlessAskedFor(t *testing.T) {
	ts := serveNew(t)
	ts.aged(nowMillis())
	ts.TrimHistories(t.Context()) // returns at once
	if info, err := ts.store.Info("aged"); err != nil || info.First != 0 {
		t.Fatalf("kept from %d: %v", info.First, err)
	}
}
