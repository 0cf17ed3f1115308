package server

import (
	"fmt"
	"strings"
	"testing"

	"github.com/quire-editor/quire/ot"
)

func TestForkBeginsWithTheTextOfARevision(t *testing.T) {
	ts, r := serveNew(t), seeded(t)
	for _, kind := range []string{"text", "rich"} {
		doc, states := ts.written(r, kind, 40)
		at := 1 + r.IntN(len(states)-1)
		var made documentInfo
		ts.ask("cid", "POST", doc+"/forks", fmt.Sprintf(`{"revision":%d,"title":"A fork"}`, at), 201, &made)
		if got := ts.content(made.ID, 1); !got.Equal(states[at]) || made.Title != "A fork" || made.Revision != 1 || string(made.Kind) != kind {
			t.Fatalf("the fork %+v is %v, want %v", made, got, states[at])
		}
		var info historyInfo
		ts.ask("cid", "GET", made.ID+"/history", "", 200, &info)
		if !info.Owner {
			t.Fatal("who forked is not its owner")
		}
	}
}

func TestForkWithHistoryHasAllOfItsRevisions(t *testing.T) {
	ts, r := serveNew(t), seeded(t)
	doc, states := ts.written(r, "rich", 60)
	at := 1 + r.IntN(len(states)-1)
	ts.ask("ann", "POST", doc+"/versions", `{"name":"first","revision":1}`, 201, nil)
	ts.ask("ann", "PUT", doc+"/people/me", `{"name":"Ann"}`, 200, nil)
	var made documentInfo
	ts.ask("cid", "POST", doc+"/forks", fmt.Sprintf(`{"revision":%d,"history":true}`, at), 201, &made)
	for revision := range at + 1 {
		if got := ts.content(made.ID, uint64(revision)); !got.Equal(states[revision]) {
			t.Fatalf("at revision %d the fork is %v, want %v", revision, got, states[revision])
		}
	}
	var info historyInfo
	ts.ask("cid", "GET", made.ID+"/history", "", 200, &info)
	if info.Revision != uint64(at) || len(info.Versions) != 1 || info.People[personOf("guest:ann")].Name != "Ann" {
		t.Fatalf("the fork's history is %+v", info)
	}
	ts.edit("cid", made.ID, ot.Delta{insert("mine ")})
	if strings.HasPrefix(ts.text(doc), "mine") {
		t.Fatal("what is written in the fork is in the other document")
	}
}

func TestForkDoesNotTellWhereTheOtherDocumentIs(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "rich", "x\n")
	picture, _ := ot.InsertEmbed(`{"image":"/api/v1/documents/`+doc+`/images/abc"}`, ot.Attributes{})
	ts.edit("ann", doc, ot.Delta{picture})
	for _, history := range []bool{false, true} {
		var made documentInfo
		ts.ask("cid", "POST", doc+"/forks", fmt.Sprintf(`{"history":%v}`, history), 201, &made)
		if got := ts.content(made.ID, made.Revision).String(); strings.Contains(got, doc) || !strings.Contains(got, made.ID+"/images/abc") {
			t.Fatalf("the fork is %s", got)
		}
	}
	for body, status := range map[string]int{`{"revision":9}`: 404, `{"title":"a\nb"}`: 400, `[`: 400} {
		ts.ask("cid", "POST", doc+"/forks", body, status, nil)
	}
}
