package server

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/access"
)

// mine is somebody's list.
func (ts *testServer) mine(guest, query string) (list mineList) {
	ts.t.Helper()
	status, _, answer := ts.do("GET", "/api/v1/me/documents"+query, "", ts.as(guest)...)
	if err := json.Unmarshal([]byte(answer), &list); err != nil || status != http.StatusOK {
		ts.t.Fatalf("the list %s answers %d %s", query, status, answer)
	}
	return list
}

// titled makes a document of a guest with a title. With its two commits it takes longer than a millisecond, so that no two are of one time.
func (ts *testServer) titled(guest, title string) string {
	ts.t.Helper()
	doc := ts.createAs(guest, "text", "")
	ts.ask(guest, "PATCH", doc, fmt.Sprintf(`{"title":%q}`, title), http.StatusOK, nil)
	return doc
}

func titles(list mineList) string {
	var all []string
	for _, d := range list.Documents {
		all = append(all, d.Title)
	}
	return strings.Join(all, "|")
}

func TestOwnListIsSortedAndSearched(t *testing.T) {
	ts := serveNew(t)
	for _, title := range []string{"Minutes of May", "", "apples", "Budget", "Äpfel"} {
		ts.titled("ann", title)
	}
	ts.titled("ben", "not hers")
	shared := ts.titled("ben", "Ben's plan")
	ts.ask("ben", "PATCH", shared+"/access", `{"people":{"`+personOf("guest:ann")+`":"viewer"}}`, http.StatusOK, nil)
	plan := ts.mine("ann", "?search=plan").Documents
	if len(plan) != 1 || plan[0].Role != access.Editor { // anyone with the link may edit it
		t.Fatalf("shared with her are %+v", plan)
	}
	ts.ask("ann", "PUT", plan[0].ID+"/tags", `{"tags":["Garden"]}`, http.StatusOK, nil)
	for query, want := range map[string]string{
		"?sort=title":                            "apples|Ben's plan|Budget|Minutes of May|Äpfel|",
		"?sort=created":                          "Ben's plan|Äpfel|Budget|apples||Minutes of May",
		"":                                       "Ben's plan|Äpfel|Budget|apples||Minutes of May",
		"?search=MAY":                            "Minutes of May",
		"?search=of+min":                         "Minutes of May",
		"?search=%C3%84PF":                       "Äpfel",
		"?search=garden":                         "Ben's plan",
		"?search=hers":                           "",
		"?sort=title&limit=2":                    "apples|Ben's plan",
		"?search=" + url.QueryEscape("100%'\"*"): "",
	} {
		if got := titles(ts.mine("ann", query)); got != want {
			t.Errorf("%q: %s", query, got)
		}
	}
	oldest := ts.mine("ann", "?search=minutes").Documents[0].ID
	ts.edit("ann", oldest, ot.Delta{insert("now")})
	if got := titles(ts.mine("ann", "?limit=1")); got != "Minutes of May" {
		t.Errorf("last edited is %s", got)
	}
}

func TestOwnListComesInPagesThatMissNothing(t *testing.T) {
	ts := serveNew(t)
	for i := range 7 {
		ts.titled("ann", fmt.Sprintf("no. %d", i/2)) // some titles are the same
	}
	for _, sort := range []string{"modified", "created", "title"} {
		var seen []string
		after := ""
		for {
			page := ts.mine("ann", "?limit=2&sort="+sort+"&after="+after)
			for _, d := range page.Documents {
				seen = append(seen, d.ID)
			}
			if len(seen) == 4 {
				// What a page ended with may go before the next is asked for.
				ts.ask("ann", "DELETE", seen[3], "", http.StatusOK, nil)
			}
			if after = page.Next; after == "" {
				break
			}
		}
		if len(seen) != len(slices.Compact(slices.Sorted(slices.Values(seen)))) || len(ts.mine("ann", "").Documents) != len(seen)-1 {
			t.Errorf("by %s the pages have %v", sort, seen)
		}
		ts.titled("ann", "another")
	}
}

func TestTagsAreEachPersonsOwn(t *testing.T) {
	ts := serveNew(t)
	plan, list := ts.titled("ann", "plan"), ts.titled("ann", "list")
	ts.ask("ann", "PATCH", plan+"/access", `{"people":{"`+personOf("guest:ben")+`":"editor"}}`, http.StatusOK, nil)
	var told tagsRequest
	ts.ask("ann", "PUT", plan+"/tags", `{"tags":[" Work ","work","To  do"]}`, http.StatusOK, &told)
	if strings.Join(told.Tags, "|") != "Work|To do" {
		t.Fatalf("the tags are %q", told.Tags)
	}
	ts.ask("ann", "PUT", list+"/tags", `{"tags":["WORK"]}`, http.StatusOK, nil)
	ts.ask("ben", "PUT", plan+"/tags", `{"tags":["boring"]}`, http.StatusOK, nil)
	hers := ts.mine("ann", "?tag=work")
	if titles(hers) != "list|plan" && titles(hers) != "plan|list" {
		t.Errorf("tagged are %s", titles(hers))
	}
	if len(hers.Tags) != 2 || hers.Tags[0] != (tagInfo{"To do", 1}) || hers.Tags[1].Documents != 2 {
		t.Errorf("ann has the tags %+v", hers.Tags)
	}
	if his := ts.mine("ben", ""); len(his.Tags) != 1 || his.Tags[0].Tag != "boring" {
		t.Errorf("ben has the tags %+v", his.Tags)
	}
	ts.ask("ann", "PUT", plan+"/tags", `{"tags":[]}`, http.StatusOK, nil)
	if left := ts.mine("ann", "?tag=to+do"); len(left.Documents) != 0 || len(left.Tags) != 1 {
		t.Errorf("afterwards there are %+v", left)
	}
	ts.deleteDocument(plan)
	if err := ts.tags.sweep(t.Context(), ts.areTagged); err != nil {
		t.Fatal(err)
	}
	if left, err := ts.tags.of(personOf("guest:ben"), plan); err != nil || len(left) > 0 {
		t.Errorf("of a deleted document the tags stay: %v %v", left, err)
	}
}

func TestListAndTagsRefuseWhatMakesNoSense(t *testing.T) {
	ts := serveNew(t)
	doc := ts.titled("ann", "plan")
	long := strings.Repeat("ä", maxTag+1)
	eleven, _ := json.Marshal(tagsRequest{strings.Fields("a b c d e f g h i j k")})
	for _, test := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/me/documents?sort=size", "", 400},
		{"GET", "/me/documents?limit=0", "", 400},
		{"GET", "/me/documents?limit=501", "", 400},
		{"GET", "/me/documents?limit=x", "", 400},
		{"GET", "/me/documents?after=%21", "", 400},
		{"GET", "/me/documents?after=AAAA.", "", 400},
		{"GET", "/me/documents?after=bm8", "", 400},
		{"GET", "/me/documents?search=" + strings.Repeat("x", maxSearch+1), "", 400},
		{"GET", "/trash?limit=0", "", 400},
		{"GET", "/trash?after=bm8", "", 400},
		{"PUT", "/documents/" + doc + "/tags", `tags`, 400},
		{"PUT", "/documents/" + doc + "/tags", `{"tags":[""]}`, 400},
		{"PUT", "/documents/" + doc + "/tags", `{"tags":["a,b"]}`, 400},
		{"PUT", "/documents/" + doc + "/tags", `{"tags":["a\u0000b"]}`, 400},
		{"PUT", "/documents/" + doc + "/tags", `{"tags":["` + long + `"]}`, 400},
		{"PUT", "/documents/" + doc + "/tags", string(eleven), 400},
		{"PUT", "/documents/none/tags", `{"tags":[]}`, 404},
		{"POST", "/me/documents", "", 409},
	} {
		status, header, answer := ts.do(test.method, "/api/v1"+test.path, test.body, ts.as("ann")...)
		if status != test.status || header.Get("Content-Type") != problemType || !strings.Contains(answer, `"detail":"`) {
			t.Errorf("%s %s %s answers %d %s, want %d", test.method, test.path, test.body, status, answer, test.status)
		}
	}
}

var holdingsSeed = flag.Uint64("holdings-seed", 0, "seed of what people do to their documents; 0 for a new one")

// Whatever people do, and however often the server is started anew, each has in their list what going through all documents finds.
func TestOwnListIsWhatGoingThroughAllDocumentsFinds(t *testing.T) {
	if *holdingsSeed == 0 {
		*holdingsSeed = rand.Uint64()
	}
	t.Logf("rerun: go test ./server -run %s -holdings-seed %d", t.Name(), *holdingsSeed)
	random := rand.New(rand.NewPCG(*holdingsSeed, 1))
	data := t.TempDir()
	ts := serveAt(t, data, nil)
	people := []string{"ann", "ben", "cleo"}
	var documents []string
	for range 150 {
		who, other := people[random.IntN(3)], personOf("guest:"+people[random.IntN(3)])
		if len(documents) == 0 || random.IntN(4) == 0 {
			documents = append(documents, ts.createAs(who, "text", ""))
		}
		doc := documents[random.IntN(len(documents))]
		do := func(method, path, body string) { ts.do(method, "/api/v1"+path, body, ts.as(who)...) }
		switch random.IntN(7) {
		case 0:
			do("PATCH", "/documents/"+doc+"/access", `{"people":{"`+other+`":"owner"}}`)
		case 1:
			do("PATCH", "/documents/"+doc+"/access", `{"people":{"`+other+`":null}}`)
		case 2:
			do("DELETE", "/documents/"+doc, "")
		case 3:
			do("POST", "/trash/"+doc+"/restore", "")
		case 4:
			if random.IntN(3) == 0 {
				do("DELETE", "/trash/"+doc, "")
			}
		case 5:
			do("POST", "/documents/"+doc+"/forks", `{"history":true}`)
		case 6:
			if random.IntN(5) == 0 {
				ts.stop()
				ts = serveAt(t, data, nil)
			}
		}
		guest := people[random.IntN(3)]
		if got, want := ts.listedTo(guest), ts.foundFor(guest); got != want {
			t.Fatalf("%s has\n%s\nand going through all documents finds\n%s", guest, got, want)
		}
	}
}

// listedTo is what somebody's lists have, the trash among them.
func (ts *testServer) listedTo(guest string) string {
	caller := ts.callerFor("guest:" + guest)
	all, err := ts.documentsOf(&caller)
	if err != nil {
		ts.t.Fatal(err)
	}
	var out []string
	for _, d := range all {
		out = append(out, fmt.Sprintf("%s %t", d.Document, d.meta.Trashed != 0))
	}
	return strings.Join(out, "\n")
}

// foundFor is what they should have.
func (ts *testServer) foundFor(guest string) string {
	caller := ts.callerFor("guest:" + guest)
	all, err := ts.store.List("", 0)
	if err != nil {
		ts.t.Fatal(err)
	}
	var out []string
	for _, info := range all {
		if !validDocument(info.Document) {
			continue
		}
		m, err := decodeMetadata(info.Meta)
		if err != nil {
			ts.t.Fatal(err)
		}
		policy := m.policy(info.Document)
		if policy.Names(&caller) && !m.Deleted && !m.Discarded {
			out = append(out, fmt.Sprintf("%s %t", info.Document, m.Trashed != 0))
		}
	}
	return strings.Join(out, "\n")
}
