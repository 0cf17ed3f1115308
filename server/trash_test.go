package server

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/quire-editor/quire/ot"
)

// furnished is a document of ann's with everything that can be kept with one.
func (ts *testServer) furnished() (doc string) {
	ts.t.Helper()
	doc = ts.createAs("ann", "rich", "hello")
	ts.ask("ann", "PATCH", doc, `{"title":"Plan"}`, http.StatusOK, nil)
	ts.edit("ann", doc, ot.Delta{insert("well, ")})
	ts.addImage(doc, paint(9))
	ts.ask("ann", "PATCH", doc+"/access", `{"general":"viewer","people":{"`+personOf("guest:ben")+`":"editor"}}`, http.StatusOK, nil)
	ts.link(doc, `{"role":"editor","label":"for all"}`)
	ts.ask("ann", "POST", doc+"/versions", `{"name":"first","revision":2}`, http.StatusCreated, nil)
	ts.ask("ann", "PUT", doc+"/people/me", `{"name":"Ann"}`, http.StatusOK, nil)
	ts.ask("ann", "PUT", doc+"/tags", `{"tags":["work"]}`, http.StatusOK, nil)
	p := ts.joinAs(doc, "ann")
	p.send(`{"a":"q:chat","c":"documents","d":"<doc>","id":"1","v":null,"m":{"text":"see you"}}`)
	p.receive()
	p.conn.Close()
	return doc
}

// known is all that the server tells of a document to its owner.
func (ts *testServer) known(doc string) string {
	ts.t.Helper()
	var out strings.Builder
	for _, path := range []string{"", "/text", "/history", "/changes", "/blame", "/versions", "/access", "/access/changes", "/links"} {
		status, _, answer := ts.do("GET", documentRoutes+"/"+doc+path, "", ts.as("ann")...)
		fmt.Fprintln(&out, path, status, answer)
	}
	said, err := ts.store.MessagesBefore(doc, 9, 9)
	fmt.Fprintln(&out, said, err)
	pictures, err := ts.images.list(doc)
	fmt.Fprintln(&out, pictures.Images, err)
	for _, d := range ts.mine("ann", "").Documents {
		fmt.Fprintln(&out, d)
	}
	return out.String()
}

func TestRestoredDocumentIsWhatItWasBefore(t *testing.T) {
	ts := serveNew(t)
	doc := ts.furnished()
	before := ts.known(doc)
	ts.ask("ann", "DELETE", doc, "", http.StatusOK, nil)
	ts.sweep()
	if err := ts.links.sweep(t.Context(), ts.exists); err != nil {
		t.Fatal(err)
	}
	if list := ts.mine("ann", ""); len(list.Documents) != 0 {
		t.Errorf("in the trash it is listed: %+v", list)
	}
	if _, _, all := ts.do("GET", documentRoutes, "", ts.as("ann")...); strings.Contains(all, doc) {
		t.Errorf("in the trash it is in the list of all: %s", all)
	}
	status, _, trash := ts.do("GET", "/api/v1/trash", "", ts.as("ann")...)
	if status != 200 || !strings.Contains(trash, `"id":"`+doc+`"`) || !strings.Contains(trash, `"title":"Plan"`) {
		t.Errorf("the trash has %d %s", status, trash)
	}
	if status, _, answer := ts.do("POST", "/api/v1/trash/"+doc+"/restore", "", ts.as("ann")...); status != 200 {
		t.Fatalf("restoring answers %d %s", status, answer)
	}
	if after := ts.known(doc); after != before {
		t.Errorf("before\n%s\nafter\n%s", before, after)
	}
}

func TestWhoeverHasADocumentOpenThatIsPutIntoTheTrashIsToldSo(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "a")
	ann, ben := ts.joinAs(doc, "ann"), ts.joinAs(doc, "ben")
	ann.follow()
	ben.follow()
	ts.ask("ann", "DELETE", doc, "", http.StatusOK, nil)
	for _, p := range []*peer{ann, ben} {
		_, err := p.read()
		if closed, ok := err.(*websocket.CloseError); !ok || closed.Code != CloseDenied || closed.Text != inTrash {
			t.Errorf("the connection ended with %v", err)
		}
	}
	for _, guest := range []string{"ann", "ben"} {
		again := ts.joinAs(doc, guest)
		again.send(subscribe)
		again.expectClosed(CloseDenied)
		many := ts.joinAs("", guest).on(doc)
		for _, message := range []string{
			subscribe, `{"a":"op","c":"documents","d":"<doc>","v":1,"src":"<id>","seq":1,"op":[{"insert":"x"}]}`,
			`{"a":"op","c":"documents","d":"<doc>","v":1,"src":"<id>","seq":2,"del":true}`,
			`{"a":"op","c":"documents","d":"<doc>","v":1,"src":"<id>","seq":3,"create":{"type":"rich-text","data":[]}}`,
		} {
			many.send(message)
			if m := many.receive(); m["error"] == nil {
				t.Errorf("%s may %s: %v", guest, message, m)
			}
		}
		status, _, answer := ts.do("PUT", documentRoutes+"/"+doc+"/text", "b", ts.as(guest)...)
		if status != http.StatusGone || !strings.Contains(answer, `"code":"trashed"`) {
			t.Errorf("%s is answered %d %s", guest, status, answer)
		}
		if status, _, _ := ts.visitBy(ts.as(guest)[1], "/d/"+doc); status != http.StatusGone {
			t.Errorf("the page answers %d", status)
		}
	}
	ts.do("POST", "/api/v1/trash/"+doc+"/restore", "", ts.as("ann")...)
	back := ts.joinAs(doc, "ben")
	back.follow()
	if text := ts.text(doc); text != "a" {
		t.Errorf("the text is %q", text)
	}
}

func TestTrashIsItsOwnersAndRefusesWhatMakesNoSense(t *testing.T) {
	ts := serveNew(t)
	there, open, closed := ts.createAs("ann", "text", "a"), ts.createAs("ann", "text", "a"), ts.createAs("ann", "text", "a")
	ts.share(closed, `{"general":"restricted"}`)
	for _, doc := range []string{open, closed} {
		ts.ask("ann", "DELETE", doc, "", http.StatusOK, nil)
	}
	admin, _ := ts.token("owner")
	reader, _ := ts.token("viewer")
	for name, test := range map[string]struct {
		who          []string
		method, path string
		status       int
		says         string
	}{
		"somebody else looks":              {ts.as("ben"), "GET", open, 403, `"code":"trashed"`},
		"somebody else restores":           {ts.as("ben"), "POST", open + "/restore", 403, `"code":"trashed"`},
		"somebody else removes":            {ts.as("ben"), "DELETE", open, 403, `"code":"trashed"`},
		"who never had access looks":       {ts.as("ben"), "GET", closed, 403, "may not open"},
		"who never had access restores":    {ts.as("ben"), "POST", closed + "/restore", 403, "may not open"},
		"a token for reading":              {by(reader), "DELETE", open, 403, `"code":"trashed"`},
		"what is not in the trash":         {ts.as("ann"), "DELETE", there, 404, "not in the trash"},
		"what is not in the trash, others": {ts.as("ann"), "POST", there + "/restore", 404, "not in the trash"},
		"what never was":                   {ts.as("ann"), "DELETE", "never", 404, ""},
		"what cannot be":                   {ts.as("ann"), "GET", "a%20b", 404, ""},
		"its owner looks":                  {ts.as("ann"), "GET", open, 200, `"trashed":`},
		"a token for administering looks":  {by(admin), "GET", closed, 200, `"trashed":`},
	} {
		status, header, answer := ts.do(test.method, "/api/v1/trash/"+test.path, "", test.who...)
		if status != test.status || !strings.Contains(answer, test.says) || status >= 400 && header.Get("Content-Type") != problemType {
			t.Errorf("%s: answered %d %s, want %d", name, status, answer, test.status)
		}
	}
	if status, _, answer := ts.do("DELETE", documentRoutes+"/"+open, "", ts.as("ann")...); status != http.StatusGone {
		t.Errorf("putting it there again answers %d %s", status, answer)
	}
	if _, _, trash := ts.do("GET", "/api/v1/trash", "", ts.as("ben")...); !strings.Contains(trash, `"documents":[]`) {
		t.Errorf("ben's trash has %s", trash)
	}
}

func TestTrashIsEmptiedAfterItsTime(t *testing.T) {
	keep := 30 * 24 * time.Hour
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.KeepTrash = keep })
	old, restored, there := ts.furnished(), ts.createAs("ann", "text", "b"), ts.createAs("ann", "text", "c")
	for _, doc := range []string{old, restored} {
		ts.ask("ann", "DELETE", doc, "", http.StatusOK, nil)
	}
	ts.do("POST", "/api/v1/trash/"+restored+"/restore", "", ts.as("ann")...)
	d, err := lookUp(ts.store, old)
	if err != nil {
		t.Fatal(err)
	}
	end := d.meta.Trashed + keep.Milliseconds()
	for _, now := range []int64{nowMillis(), end - 1} {
		if err := ts.emptyTrash(t.Context(), now); err != nil || !ts.has(old) {
			t.Fatalf("at %d it has gone: %v", now, err)
		}
	}
	for _, now := range []int64{end, end + 1} { // the second time there is nothing to do
		if err := ts.emptyTrash(t.Context(), now); err != nil || ts.has(old) {
			t.Fatalf("at %d it is there: %v", now, err)
		}
	}
	ts.nothingLeftOf(old)
	if !ts.has(restored) || !ts.has(there) {
		t.Error("what is not in the trash has gone")
	}
	forever := serveAt(t, t.TempDir(), nil)
	doc := forever.createAs("ann", "text", "a")
	forever.ask("ann", "DELETE", doc, "", http.StatusOK, nil)
	if err := forever.emptyTrash(t.Context(), end*2); err != nil || !forever.has(doc) {
		t.Errorf("without an end it has gone: %v", err)
	}
}

// has says whether the store has a document.
func (ts *testServer) has(doc string) bool {
	_, err := ts.store.Info(doc)
	return err == nil
}

// nothingLeftOf checks that the store has neither a document nor anything beside it, once what goes in the background has gone.
func (ts *testServer) nothingLeftOf(doc string) {
	ts.t.Helper()
	ts.sweep()
	if err := ts.tags.sweep(ts.t.Context(), ts.areTagged); err != nil {
		ts.t.Fatal(err)
	}
	all, err := ts.store.List("", 0)
	if err != nil {
		ts.t.Fatal(err)
	}
	for _, info := range all {
		if info.Document == doc || bytes.Contains(info.Meta, []byte(doc)) {
			ts.t.Errorf("left is %s %s", info.Document, info.Meta)
		}
		if strings.HasPrefix(info.Document, imagePrefix) {
			ts.t.Errorf("left is the picture %s", info.Document)
		}
	}
}

func TestTrashIsEmptiedAtOnceByItsOwner(t *testing.T) {
	ts := serveNew(t)
	one, two, others, kept := ts.furnished(), ts.createAs("ann", "text", "b"), ts.createAs("ben", "text", "c"), ts.createAs("ann", "text", "d")
	for doc, guest := range map[string]string{one: "ann", two: "ann", others: "ben"} {
		ts.ask(guest, "DELETE", doc, "", http.StatusOK, nil)
	}
	if status, _, answer := ts.do("DELETE", "/api/v1/trash/"+one, "", ts.as("ann")...); status != http.StatusNoContent {
		t.Fatalf("removing answers %d %s", status, answer)
	}
	ts.nothingLeftOf(one)
	if status, _, answer := ts.do("DELETE", "/api/v1/trash", "", ts.as("ann")...); status != http.StatusNoContent {
		t.Fatalf("emptying answers %d %s", status, answer)
	}
	if ts.has(two) || !ts.has(others) || !ts.has(kept) {
		t.Errorf("there are %t %t %t", ts.has(two), ts.has(others), ts.has(kept))
	}
	if status, _, _ := ts.do("POST", "/api/v1/trash/"+two+"/restore", "", ts.as("ann")...); status != http.StatusNotFound {
		t.Errorf("restoring what is gone answers %d", status)
	}
	anew := ts.joinAs(two, "ben")
	anew.send(`{"a":"op","c":"documents","d":"<doc>","v":null,"src":"<id>","seq":1,"create":{"type":"rich-text","kind":"text","data":[{"insert":"new"}]}}`)
	anew.expect(ack(0, 1))
	if ts.text(two) != "new" {
		t.Error("at its address no other can be made")
	}
}

// Killed after any step, a removal is completed by the next start, and nothing can bring the document back meanwhile.
func TestInterruptedRemovalIsCompleted(t *testing.T) {
	steps := len(serveNew(t).removals())
	for done := range steps + 1 {
		data := t.TempDir()
		ts := serveAt(t, data, nil)
		doc := ts.furnished()
		ts.ask("ann", "DELETE", doc, "", http.StatusOK, nil)
		d, err := lookUp(ts.store, doc)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ts.amend(t.Context(), d, func(m *metadata) error { m.Discarded = true; return nil }); err != nil {
			t.Fatal(err)
		}
		for _, remove := range ts.removals()[:done] {
			if err := remove(t.Context(), doc); err != nil {
				t.Fatal(err)
			}
		}
		ts.stop()
		ts = serveAt(t, data, nil)
		if status, _, _ := ts.do("POST", "/api/v1/trash/"+doc+"/restore", "", ts.as("ann")...); status != http.StatusNotFound {
			t.Errorf("after %d steps restoring answers %d", done, status)
		}
		if err := ts.emptyTrash(t.Context(), nowMillis()); err != nil {
			t.Fatal(err)
		}
		ts.nothingLeftOf(doc)
		ts.stop()
	}
}

func TestDocumentInTheTrashIsVerifiedBackedUpAndExported(t *testing.T) {
	ts := serveNew(t)
	doc := ts.furnished()
	ts.ask("ann", "DELETE", doc, "", http.StatusOK, nil)
	found, err := ts.Verify(t.Context(), func(Verification) {})
	if err != nil || len(found.Problems) > 0 || found.Pictures != 1 {
		t.Errorf("verifying finds %+v %v", found, err)
	}
	var backup bytes.Buffer
	if err := ts.Backup(t.Context(), &backup); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	if err := Restore(data, &backup); err != nil {
		t.Fatal(err)
	}
	restored := serveAt(t, data, nil)
	if status, _, answer := restored.do("POST", "/api/v1/trash/"+doc+"/restore", "", restored.as("ann")...); status != 200 {
		t.Errorf("out of the trash of a backup: %d %s", status, answer)
	}
	if text := restored.text(doc); text != "well, hello\n" {
		t.Errorf("in a backup it is %q", text)
	}
	other := serveNew(t)
	id, err := other.Import(t.Context(), bytes.NewReader(exported(t, ts, doc)), "")
	if err != nil {
		t.Fatal(err)
	}
	if text := other.text(id); text != "well, hello\n" {
		t.Errorf("imported it is %q", text)
	}
}

func TestDeletingOverTheWireIsNotTheTrash(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "a")
	ts.deleteDocument(doc)
	if _, _, trash := ts.do("GET", "/api/v1/trash", "", ts.as("ann")...); !strings.Contains(trash, `"documents":[]`) {
		t.Errorf("the trash has %s", trash)
	}
	if status, _, _ := ts.do("DELETE", documentRoutes+"/"+doc, "", ts.as("ann")...); status != http.StatusNotFound {
		t.Errorf("putting it there answers %d", status)
	}
	if err := ts.emptyTrash(context.Background(), nowMillis()*2); err != nil || !ts.has(doc) {
		t.Errorf("its log has gone: %v", err)
	}
}

func TestHoldersOfLinksComeBackToARestoredDocument(t *testing.T) {
	ts := serveNew(t)
	doc := ts.restrictedDocument("a")
	link := ts.link(doc, `{"role":"editor"}`)
	_, _, header := ts.redeem("ben", doc, link.Key, "")
	ts.ask("ann", "DELETE", doc, "", http.StatusOK, nil)
	if status, _, _ := ts.redeem("cleo", doc, link.Key, ""); status != http.StatusNotFound {
		t.Errorf("a link into the trash answers %d", status)
	}
	ts.do("POST", "/api/v1/trash/"+doc+"/restore", "", ts.as("ann")...)
	if status, _, _ := ts.do("GET", documentRoutes+"/"+doc, "", header...); status != http.StatusOK {
		t.Errorf("the holder of a link is answered %d", status)
	}
	if !slices.Contains(ts.linkIDs(doc), link.ID) {
		t.Error("the link has gone")
	}
}

func (ts *testServer) linkIDs(doc string) (ids []string) {
	kept, err := ts.links.read(doc)
	if err != nil {
		ts.t.Fatal(err)
	}
	for _, link := range kept.Value {
		ids = append(ids, link.ID)
	}
	return ids
}
