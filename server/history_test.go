package server

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/store"
)

// as is the header by which a guest is known.
func (ts *testServer) as(name string) []string {
	return []string{"Cookie", guestCookie + "=" + ts.guests.value(name)}
}

// ask sends a request of a guest and reads the answer, which has to have the given status.
func (ts *testServer) ask(guest, method, path, body string, status int, into any) {
	ts.t.Helper()
	got, _, answer := ts.do(method, "/api/v1/documents/"+path, body, ts.as(guest)...)
	if got != status {
		ts.t.Fatalf("%s %s answered %d %s, want %d", method, path, got, answer, status)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(answer), into); err != nil {
		ts.t.Fatalf("%s %s answered %s: %v", method, path, answer, err)
	}
}

// createAs makes a document of a guest.
func (ts *testServer) createAs(guest, kind, text string) string {
	ts.t.Helper()
	body, _ := json.Marshal(createRequest{Kind: kind, Text: text})
	_, _, answer := ts.do(http.MethodPost, "/api/v1/documents", string(body), ts.as(guest)...)
	var info documentInfo
	if err := json.Unmarshal([]byte(answer), &info); err != nil || info.ID == "" {
		ts.t.Fatalf("create answered %s", answer)
	}
	return info.ID
}

// edit puts a change of a guest through a document's room, made at its newest revision.
func (ts *testServer) edit(guest, document string, d ot.Delta) uint64 {
	ts.t.Helper()
	p, err := ts.rooms.acquire(ts.t.Context(), document)
	if err != nil {
		ts.t.Fatal(err)
	}
	defer ts.rooms.release(p)
	view, err := p.view(ts.t.Context())
	if err != nil {
		ts.t.Fatal(err)
	}
	revision, err := p.submit(ts.t.Context(), submission{
		src: sourceOf(newID()), seq: 1, base: view.Revision, change: change{changeEdit, d}, principal: "guest:" + guest,
	})
	if err != nil {
		ts.t.Fatal(err)
	}
	return revision
}

// content is what the API says a document was at a revision.
func (ts *testServer) content(document string, revision uint64) ot.Delta {
	ts.t.Helper()
	var answer revisionInfo
	ts.ask("reader", "GET", fmt.Sprintf("%s/revisions/%d", document, revision), "", 200, &answer)
	return parseDelta(ts.t, answer.Delta)
}

func parseDelta(t *testing.T, data []byte) ot.Delta {
	t.Helper()
	d, err := ot.DecodeJSON(data, ot.DefaultLimits)
	if err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return d
}

func retain(n int) ot.Op { return ot.RetainOp(n, ot.Attributes{}) }

func insert(text string) ot.Op { return ot.InsertText(text, ot.Attributes{}) }

// randomEdit is a random change of a text of the given length that leaves its last unit alone.
func randomEdit(r *rand.Rand, length int, rich bool) ot.Delta {
	at := r.IntN(length)
	d := ot.Delta{retain(at)}
	n := min(r.IntN(6), length-1-at)
	switch r.IntN(4) {
	case 0:
		d = append(d, ot.DeleteOp(n))
	case 1:
		if a, _ := ot.ParseAttributes(`{"bold":true}`); rich && n > 0 {
			d = append(d, ot.RetainOp(n, a))
			break
		}
		fallthrough
	default:
		d = append(d, insert(fmt.Sprintf("w%d ", r.IntN(1000))), ot.DeleteOp(n))
	}
	return ot.Normalize(d)
}

// written is a document that three guests edited at random, with its content at each revision, replayed from the log.
func (ts *testServer) written(r *rand.Rand, kind string, edits int) (document string, states []ot.Delta) {
	ts.t.Helper()
	document = ts.createAs("ann", kind, "The beginning of a text.\n")
	for range edits {
		view, err := ts.view(ts.t.Context(), document)
		if err != nil {
			ts.t.Fatal(err)
		}
		if d := randomEdit(r, view.text.Len(), kind == "rich"); len(d) > 0 {
			ts.edit([]string{"ann", "ben", "eve"}[r.IntN(3)], document, d)
		}
	}
	text := ot.NewDocument()
	states = append(states, text.Delta())
	err := ts.store.Records(document, 0, 1<<62, func(rec store.Record) error {
		c, err := decodeChange(rec.Payload)
		if err == nil {
			err = text.Apply(c.delta)
		}
		states = append(states, text.Delta())
		return err
	})
	if err != nil {
		ts.t.Fatal(err)
	}
	return document, states
}

// seeded names the seed of a randomised test where it fails.
func seeded(t *testing.T) *rand.Rand {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func TestEveryRevisionIsAStraightReplayOfTheLog(t *testing.T) {
	ts, r := serveNew(t), seeded(t)
	for _, kind := range []string{"text", "rich"} {
		doc, states := ts.written(r, kind, 120)
		for revision, want := range states {
			if got := ts.content(doc, uint64(revision)); !got.Equal(want) {
				t.Fatalf("%s at revision %d is %v, want %v", kind, revision, got, want)
			}
		}
		for range 40 {
			from := r.IntN(len(states))
			to := from + r.IntN(len(states)-from)
			var between comparison
			ts.ask("reader", "GET", fmt.Sprintf("%s/diff?from=%d&to=%d", doc, from, to), "", 200, &between)
			if got := ot.Compose(states[from], parseDelta(t, between.Delta)); !got.Equal(states[to]) {
				t.Fatalf("%s from %d to %d leads to %v, want %v", kind, from, to, got, states[to])
			}
		}
	}
}

func TestRestoreLeadsExactlyToTheOldStateAndCanBeUndone(t *testing.T) {
	ts, r := serveNew(t), seeded(t)
	for _, kind := range []string{"text", "rich"} {
		doc, states := ts.written(r, kind, 60)
		last := uint64(len(states) - 1)
		for range 20 {
			old := uint64(1 + r.IntN(len(states)-1))
			before := ts.content(doc, last)
			var there, back restored
			ts.ask("ben", "POST", doc+"/restore", fmt.Sprintf(`{"revision":%d}`, old), 200, &there)
			if got := ts.content(doc, there.Revision); !got.Equal(states[old]) || there.Base != last {
				t.Fatalf("%s restored to %d: %v at revision %v, want %v", kind, old, got, there, states[old])
			}
			ts.ask("ben", "POST", doc+"/restore", fmt.Sprintf(`{"revision":%d}`, there.Base), 200, &back)
			if got := ts.content(doc, back.Revision); !got.Equal(before) {
				t.Fatalf("%s restored to %d and back: %v, want %v", kind, old, got, before)
			}
			last = back.Revision
		}
	}
}

func TestRestoreIsAnEditThatLiveClientsSee(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "one two three")
	ts.edit("eve", doc, ot.Delta{retain(4), ot.DeleteOp(4)})
	p := ts.join(doc, "")
	p.follow()
	ts.ask("ann", "POST", doc+"/restore", `{"revision":1}`, 200, nil)
	sent, _ := json.Marshal(p.receive()["op"])
	edit := parseDelta(t, sent)
	if got := ot.Compose(ot.Delta{insert("one three")}, edit); edit.Len() > 9 || !got.Equal(ot.Delta{insert("one two three")}) {
		t.Fatalf("the edit is %s", sent)
	}
}

func TestOnePersonsWorkIsUndoneAndNothingElse(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "rich", "one two three\n")
	ts.edit("eve", doc, ot.Delta{retain(4), insert("EVE WAS HERE "), ot.DeleteOp(4)})
	ts.edit("ann", doc, ot.Delta{retain(8), insert("(ann)")})
	last := ts.edit("eve", doc, ot.Delta{ot.DeleteOp(2)})

	eve := personOf("guest:eve")
	path := fmt.Sprintf("%s/undo?person=%s&from=1&to=%d", doc, eve, last)
	var preview undoPreview
	ts.ask("ann", "GET", path, "", 200, &preview)
	if preview.Removes != 13 || preview.Restores != 6 || preview.Revision != last {
		t.Fatalf("the preview is %+v", preview)
	}
	body := fmt.Sprintf(`{"person":%q,"from":1,"to":%d}`, eve, last)
	var done restored
	ts.ask("ann", "POST", doc+"/undo", body, 200, &done)
	if got := ts.text(doc); got != "one two (ann)three\n" {
		t.Fatalf("the text is %q", got)
	}
	if before := ts.content(doc, last); !ot.Compose(before, parseDelta(t, preview.Delta)).Equal(ts.content(doc, done.Revision)) {
		t.Fatalf("the preview %s is not what was done", preview.Delta)
	}
	ts.ask("ann", "POST", doc+"/undo", body, 200, &done)
	if done.Base != done.Revision {
		t.Fatalf("undone a second time it changes something: %+v", done)
	}
}

func TestBlameNamesWhoWroteWhatAndWhen(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "one three")
	ts.edit("ben", doc, ot.Delta{retain(4), insert("two ")})
	ts.ask("ben", "PUT", doc+"/people/me", `{"name":"Ben","color":"#aa0000"}`, 200, nil)
	var blame blameInfo
	ts.ask("reader", "GET", doc+"/blame", "", 200, &blame)
	ann, ben := personOf("guest:ann"), personOf("guest:ben")
	want := []authorRun{{4, ann, 0, 0, 1}, {4, ben, 0, 1, 2}, {5, ann, 0, 0, 1}}
	if len(blame.Runs) != 3 || blame.People[ben] != (personInfo{"Ben", "#aa0000"}) {
		t.Fatalf("blame is %+v", blame)
	}
	for i, run := range blame.Runs {
		if run.Time == 0 {
			t.Errorf("run %d has no time", i)
		}
		run.Time = 0
		if run != want[i] {
			t.Errorf("run %d is %+v, want %+v", i, run, want[i])
		}
	}
	ts.ask("reader", "GET", doc+"/blame?revision=1", "", 200, &blame)
	if len(blame.Runs) != 1 || blame.Runs[0].Length != 9 {
		t.Fatalf("blame at revision 1 is %+v", blame.Runs)
	}
}

func TestVersionsAreNamedRenamedAndDeleted(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "x")
	ts.edit("ben", doc, ot.Delta{insert("y")})
	var made, second versionInfo
	ts.ask("ben", "POST", doc+"/versions", `{"name":"Sent to print"}`, 201, &made)
	ts.ask("ann", "POST", doc+"/versions", `{"name":"Draft","revision":1}`, 201, &second)
	if made.Revision != 2 || made.Person != personOf("guest:ben") || made.At == 0 {
		t.Fatalf("made %+v", made)
	}
	ts.ask("eve", "PATCH", doc+"/versions/"+made.ID, `{"name":"Eve"}`, 403, nil)
	ts.ask("eve", "DELETE", doc+"/versions/"+made.ID, "", 403, nil)
	ts.ask("ben", "PATCH", doc+"/versions/"+made.ID, `{"name":"Printed"}`, 200, nil)
	ts.ask("ben", "DELETE", doc+"/versions/"+second.ID, "", 403, nil)
	var list struct{ Versions []versionInfo }
	ts.ask("eve", "GET", doc+"/versions", "", 200, &list)
	if len(list.Versions) != 2 || list.Versions[0].Name != "Draft" || list.Versions[1].Name != "Printed" {
		t.Fatalf("the list is %+v", list)
	}
	ts.ask("ann", "DELETE", doc+"/versions/"+made.ID, "", 204, nil) // the owner may
	ts.ask("ben", "PATCH", doc+"/versions/"+made.ID, `{"name":"Gone"}`, 404, nil)
	ts.ask("eve", "GET", doc+"/versions", "", 200, &list)
	if len(list.Versions) != 1 {
		t.Fatalf("the list is %+v", list)
	}
}

func TestHistoryIsSummarised(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "x")
	for range 20 {
		ts.edit("ben", doc, ot.Delta{insert("y")})
	}
	var info historyInfo
	ts.ask("ann", "GET", doc+"/history?bars=10", "", 200, &info)
	total := 0
	for _, b := range info.Bars {
		total += b.Changes
	}
	if info.Revision != 21 || total != 21 || len(info.Bars) != 10 || !info.Owner || info.Me != personOf("guest:ann") || info.Bars[9].Person != personOf("guest:ben") {
		t.Fatalf("the summary is %+v", info)
	}
	var page editPage
	ts.ask("eve", "GET", doc+"/changes?limit=1", "", 200, &page)
	if len(page.Edits) != 1 || page.Edits[0].Changes != 20 || page.Edits[0].Added != 20 || page.Next == nil {
		t.Fatalf("the page is %+v", page)
	}
	ts.ask("eve", "GET", fmt.Sprintf("%s/changes?before=%d", doc, *page.Next), "", 200, &page)
	if len(page.Edits) != 1 || page.Edits[0].Person != personOf("guest:ann") {
		t.Fatalf("the second page is %+v", page)
	}
	var steps struct{ Steps []stepInfo }
	ts.ask("eve", "GET", doc+"/steps?from=1&to=21", "", 200, &steps)
	if len(steps.Steps) != 20 || string(steps.Steps[0].Delta) != `[{"insert":"y"}]` {
		t.Fatalf("the steps are %+v", steps)
	}
	var found struct{ Revision uint64 }
	ts.ask("eve", "GET", fmt.Sprintf("%s/revisions?at=%d", doc, nowMillis()), "", 200, &found)
	if found.Revision != 21 {
		t.Fatalf("now is revision %d", found.Revision)
	}
}

func TestBadRequestAboutHistoryIsAProblemInOneSentence(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "x")
	ts.edit("ben", doc, ot.Delta{insert("y")})
	for name, test := range map[string]struct {
		method, path, body string
		status             int
	}{
		"revision ahead":                {"GET", "/revisions/3", "", 404},
		"revision is no number":         {"GET", "/revisions/-1", "", 400},
		"text of a revision ahead":      {"GET", "/revisions/3/text", "", 404},
		"moment is no number":           {"GET", "/revisions?at=noon", "", 400},
		"no moment":                     {"GET", "/revisions", "", 400},
		"inverted range":                {"GET", "/diff?from=2&to=1", "", 400},
		"range ahead":                   {"GET", "/diff?from=1&to=9", "", 404},
		"half a range":                  {"GET", "/diff?from=1", "", 400},
		"inverted range of steps":       {"GET", "/steps?from=2&to=1", "", 400},
		"blame ahead":                   {"GET", "/blame?revision=3", "", 404},
		"page of none":                  {"GET", "/changes?limit=0", "", 400},
		"page ahead":                    {"GET", "/changes?before=9", "", 400},
		"too many bars":                 {"GET", "/history?bars=100000", "", 400},
		"restore ahead":                 {"POST", "/restore", `{"revision":3}`, 404},
		"restore of nothing":            {"POST", "/restore", `{}`, 400},
		"restore of less":               {"POST", "/restore", `{"revision":-1}`, 400},
		"undo of nobody":                {"POST", "/undo", `{"from":1,"to":2}`, 400},
		"undo without a range":          {"POST", "/undo", `{"person":"x"}`, 400},
		"undo of an inverted range":     {"POST", "/undo", `{"person":"x","from":2,"to":1}`, 400},
		"undo ahead":                    {"POST", "/undo", `{"person":"x","from":1,"to":9}`, 404},
		"preview of nobody":             {"GET", "/undo?from=1&to=2", "", 400},
		"preview of an inverted range":  {"GET", "/undo?person=x&from=2&to=1", "", 400},
		"version without a name":        {"POST", "/versions", `{"name":" "}`, 400},
		"version of two lines":          {"POST", "/versions", `{"name":"a\nb"}`, 400},
		"version ahead":                 {"POST", "/versions", `{"name":"a","revision":7}`, 404},
		"deleted version":               {"PATCH", "/versions/gone", `{"name":"a"}`, 404},
		"deletion of a deleted version": {"DELETE", "/versions/gone", "", 404},
		"nameless":                      {"PUT", "/people/me", `{"name":""}`, 400},
		"colour of another kind":        {"PUT", "/people/me", `{"name":"a","color":"url(x)"}`, 400},
		"history of a missing document": {"GET", "x/history", "", 404},
		"restore of a missing document": {"POST", "x/restore", `{"revision":0}`, 404},
	} {
		t.Run(name, func(t *testing.T) {
			path := "/api/v1/documents/" + doc + test.path
			if !strings.HasPrefix(test.path, "/") {
				path = "/api/v1/documents/" + test.path
			}
			status, header, body := ts.do(test.method, path, test.body, ts.as("eve")...)
			var p problemDetails
			if err := json.Unmarshal([]byte(body), &p); err != nil {
				t.Fatalf("answered %d %s", status, body)
			}
			if status != test.status || p.Status != status || !strings.HasSuffix(p.Detail, ".") || header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("answered %d %s, want %d", status, body, test.status)
			}
		})
	}
	if got := ts.text(doc); got != "yx" {
		t.Fatalf("the text became %q", got)
	}
}
