package server

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/quire-editor/quire/server/access"
)

func TestWhoChangedWhatAboutAccessIsKept(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "a")
	ann, ben, eve := personOf("guest:ann"), personOf("guest:ben"), personOf("guest:eve")
	ts.share(doc, fmt.Sprintf(`{"general":"restricted","people":{%q:"owner"}}`, ben))
	var link linkInfo
	ts.ask("ben", "POST", doc+"/links", `{"role":"viewer","label":"board"}`, http.StatusCreated, &link)
	ts.ask("ben", "PATCH", doc+"/access", fmt.Sprintf(`{"people":{%q:"viewer"}}`, eve), http.StatusOK, nil)
	ts.ask("ben", "PATCH", doc+"/access", fmt.Sprintf(`{"people":{%q:null}}`, eve), http.StatusOK, nil)
	ts.ask("ben", "DELETE", doc+"/links/"+link.ID, "", http.StatusNoContent, nil)
	ts.ask("ben", "PATCH", doc+"/access", `{"general":"restricted"}`, http.StatusOK, nil) // as it was
	want := []accessEvent{
		{What: "link-revoked", From: access.Viewer, Link: link.ID, Label: "board"},
		{What: "role", From: access.Viewer, Of: eve},
		{What: "role", To: access.Viewer, Of: eve},
		{What: "link-made", To: access.Viewer, Link: link.ID, Label: "board"},
		{What: "role", To: access.Owner, Of: ben},
		{What: "general", From: access.Editor},
	}
	var got []accessEvent
	for path := doc + "/access/changes?limit=4"; path != ""; {
		var page eventPage
		ts.ask("ann", "GET", path, "", http.StatusOK, &page)
		for _, e := range page.Events {
			by := map[bool]string{true: ann, false: ben}[e.Number < 2]
			if e.By != by || e.At == 0 || e.Number != uint64(len(want)-1-len(got)) {
				t.Errorf("event %d is %+v", len(got), e)
			}
			got = append(got, e.accessEvent)
		}
		if path = ""; page.Next != nil {
			path = fmt.Sprintf("%s/access/changes?limit=4&before=%d", doc, *page.Next)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("kept is\n%v\nwant\n%v", got, want)
	}
	ts.deleteDocument(doc)
	if err := ts.audit.sweep(t.Context(), ts.exists); err != nil {
		t.Fatal(err)
	}
	if n, err := ts.audit.count(doc); err == nil {
		t.Errorf("of a deleted document %d events are kept", n)
	}
}

func TestChangesOfAccessAtTheSameTimeAreAllKept(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "a")
	const people = 12
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			change := fmt.Sprintf(`{"people":{%q:"viewer"}}`, personOf(fmt.Sprint(i)))
			if status, _, answer := ts.do("PATCH", documentRoutes+"/"+doc+"/access", change, ts.as("ann")...); status != http.StatusOK {
				t.Errorf("answered %d %s", status, answer)
			}
		})
	}
	all.Wait()
	var page eventPage
	ts.ask("ann", "GET", doc+"/access/changes", "", http.StatusOK, &page)
	var info accessInfo
	ts.ask("ann", "GET", doc+"/access", "", http.StatusOK, &info)
	if len(page.Events) != people || len(info.People) != people+1 {
		t.Errorf("%d changes are kept, and %d people have roles", len(page.Events), len(info.People))
	}
}
