package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/store"
)

const secret = "hunter2-Tr0ub4dor"

// leaked is a document in which a secret was typed, pasted, formatted, deleted, put back, said, and made a title and a version.
func (ts *testServer) leaked(kind string) string {
	ts.t.Helper()
	doc := ts.createAs("ann", kind, "The password is .\nNothing else.\n")
	for i, key := range secret {
		ts.edit("ann", doc, ot.Delta{retain(16 + i), insert(string(key))})
	}
	ts.edit("ben", doc, ot.Delta{retain(20), insert("~")}) // in its middle, and out again
	ts.edit("ben", doc, ot.Delta{retain(20), ot.DeleteOp(1)})
	end := 17 + len(secret)
	ts.edit("ben", doc, ot.Delta{retain(end), insert("\nAgain: " + secret + "!")})
	if kind == "rich" {
		link, _ := ot.ParseAttributes(`{"link":"https://x.example/?` + secret + `"}`)
		picture, _ := ot.InsertEmbed(`{"image":"/a.png","alt":"`+secret+`"}`, ot.Attributes{})
		ts.edit("ben", doc, ot.Delta{ot.RetainOp(3, link)})
		ts.edit("ben", doc, ot.Delta{retain(4), picture})
	}
	var was restored
	ts.ask("ann", "POST", doc+"/restore", `{"revision":1}`, 200, &was)
	ts.ask("ann", "POST", doc+"/restore", fmt.Sprintf(`{"revision":%d}`, was.Base), 200, nil)
	ts.ask("ann", "PATCH", doc, `{"title":"About `+secret+`"}`, 200, nil)
	ts.ask("ann", "POST", doc+"/versions", `{"name":"with `+secret+`"}`, 201, nil)
	p := ts.join(doc, "")
	p.send(`{"a":"q:chat","c":"documents","d":"<doc>","id":"1","v":0,"m":{"text":"it is ` + secret + `"}}`)
	p.receive()
	return doc
}

// place is where the secret stands at a revision.
func (ts *testServer) place(doc string) string {
	ts.t.Helper()
	text := ts.text(doc)
	i := strings.Index(text, secret)
	if i < 0 {
		ts.t.Fatalf("the secret is not in %q", text)
	}
	index := ot.InsertText(text[:i], ot.Attributes{}).Len()
	return fmt.Sprintf(`{"index":%d,"length":%d}`, index, len(secret))
}

func TestRedactedTextIsNowhereAnyMore(t *testing.T) {
	for _, kind := range []string{"text", "rich"} {
		t.Run(kind, func(t *testing.T) {
			ts := serveNew(t)
			doc := ts.leaked(kind)
			ts.ask("eve", "GET", doc+"/blame", "", 200, nil) // what is kept of it in memory
			before, err := ts.store.Info(doc)
			if err != nil || before.Messages != 1 {
				t.Fatalf("%+v %v", before, err)
			}
			if data, err := os.ReadFile(filepath.Join(ts.data, "journal.db")); err != nil || !bytes.Contains(data, []byte(secret)) {
				t.Fatalf("the secret is not to be seen before: this would notice nothing (%v)", err)
			}
			ts.ask("ann", "POST", doc+"/redactions", ts.place(doc), 200, nil)
			checkRedacted(t, ts, doc, before.Revision+1)
			var list struct{ Redactions []redactionInfo }
			ts.ask("eve", "GET", doc+"/redactions", "", 200, &list)
			if len(list.Redactions) != 1 || !list.Redactions[0].Done || list.Redactions[0].Person != personOf("guest:ann") || list.Redactions[0].At == 0 {
				t.Fatalf("the list is %+v", list)
			}
			backup := filepath.Join(t.TempDir(), "backup")
			file, err := os.Create(backup)
			if err != nil {
				t.Fatal(err)
			}
			if err := ts.store.Backup(t.Context(), file, nil); err != nil {
				t.Fatal(err)
			}
			file.Close()
			checkFile(t, backup)
			data := ts.data
			ts.stop()
			checkFile(t, filepath.Join(data, "main.db"))
			checkFile(t, filepath.Join(data, "journal.db"))
			checkRedacted(t, serveAt(t, data, nil), doc, before.Revision+1)
		})
	}
}

// checkRedacted: no record, state, message, name or answer has the secret, and the revisions are those there were.
func checkRedacted(t *testing.T, ts *testServer, doc string, revisions uint64) {
	t.Helper()
	var seen bytes.Buffer
	n := uint64(0)
	err := ts.store.Records(doc, 0, 1<<62, func(r store.Record) error {
		n++
		c, err := decodeChange(r.Payload)
		seen.WriteString(c.delta.String() + "\n")
		return err
	})
	if err != nil || n != revisions {
		t.Fatalf("%d records, want %d: %v", n, revisions, err)
	}
	for revision := range revisions + 1 {
		seen.WriteString(ts.content(doc, revision).String() + "\n")
	}
	err = ts.store.Messages(doc, 0, 1<<62, func(m store.Message) error {
		seen.Write(m.Payload)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", "/text", "/history", "/versions", "/blame", "/diff?from=1&to=" + fmt.Sprint(revisions)} {
		var answer any
		_, _, body := ts.do("GET", "/api/v1/documents/"+doc+path, "")
		_ = json.Unmarshal([]byte(body), &answer)
		seen.WriteString(body)
	}
	if i := strings.Index(seen.String(), secret); i >= 0 {
		t.Fatalf("the secret is still in …%s…", seen.String()[max(0, i-60):i+40])
	}
	if text := ts.text(doc); strings.Contains(text, "█") || !strings.Contains(text, "The password is .") {
		t.Fatalf("the text became %q", text)
	}
}

// checkFile: nothing of the secret is in the bytes of a file.
func checkFile(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte(secret)) || bytes.Contains(data, []byte(secret[4:])) {
		t.Fatalf("the secret is still in %s", filepath.Base(path))
	}
}

func TestRedactionOfALiveDocumentReachesThoseWhoHaveItOpen(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "a "+secret+" b")
	p := ts.join(doc, "")
	p.follow()
	ts.ask("ann", "POST", doc+"/redactions", ts.place(doc), 200, nil)
	p.expectClosed(CloseRestart)
	back := ts.join(doc, "")
	back.send(`{"a":"s","c":"documents","d":"<doc>","v":1}`)
	op, _ := json.Marshal(back.receive()["op"])
	if got := ot.Compose(ot.Delta{insert("a " + secret + " b")}, parseDelta(t, op)); !got.Equal(ot.Delta{insert("a  b")}) {
		t.Fatalf("who comes back is sent %s", op)
	}
}

func TestOnlyTheOwnerRedactsAndOnlyWhatIsThere(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "a "+secret+" b")
	for body, status := range map[string]int{
		`{}`:                        400,
		`{"index":0}`:               400,
		`{"index":-1,"length":2}`:   400,
		`{"index":0,"length":0}`:    400,
		`{"index":0,"length":1000}`: 400,
		`{"index":4,"length":9223372036854775807}`: 400,
		`{"revision":9,"index":0,"length":1}`:      404,
	} {
		ts.ask("ann", "POST", doc+"/redactions", body, status, nil)
	}
	ts.ask("eve", "POST", doc+"/redactions", ts.place(doc), 403, nil)
	if got := ts.text(doc); got != "a "+secret+" b" {
		t.Fatalf("the text became %q", got)
	}
}

func TestInterruptedRedactionIsCompletedWhenTheServerStarts(t *testing.T) {
	ts := serveNew(t)
	doc := ts.leaked("text")
	d, err := ts.describe(doc)
	if err != nil {
		t.Fatal(err)
	}
	var span struct{ Index, Length int }
	_ = json.Unmarshal([]byte(ts.place(doc)), &span)
	r := redaction{Revision: d.Revision, Index: span.Index, Length: span.Length, By: "guest:ann", At: 1}
	erasure, err := ts.erasure(d, r)
	if err != nil {
		t.Fatal(err)
	}
	removal, err := ts.removal(d, erasure)
	if err != nil {
		t.Fatal(err)
	}
	data := ts.data
	ts.stop() // and what a kill after the first commit leaves:
	st, err := store.Open(data, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d.meta.Redactions = append(d.meta.Redactions, r)
	err = st.Append(t.Context(), doc, d.Revision, []store.Record{{
		Src: redactionSource + "x", Seq: 1, Author: "guest:ann", Payload: change{changeEdit, removal}.encode(),
	}}, d.meta.encode())
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	ts = serveAt(t, data, nil)
	if err := ts.CompleteRedactions(); err != nil {
		t.Fatal(err)
	}
	checkRedacted(t, ts, doc, d.Revision+1)
	if err := ts.CompleteRedactions(); err != nil { // there is nothing left to do
		t.Fatal(err)
	}
}
