package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestDocumentsAreCreatedReadAndListed(t *testing.T) {
	ts := serveNew(t)
	for _, kind := range kinds {
		status, header, body := ts.do("POST", "/api/v1/documents", `{"kind":"`+string(kind)+`","title":"A title"}`)
		var info documentInfo
		if err := json.Unmarshal([]byte(body), &info); err != nil || status != 201 || header.Get("Location") != "/api/v1/documents/"+info.ID {
			t.Fatalf("create answered %d %v %s", status, header, body)
		}
		if len(info.ID) < 22 || !validID(info.ID) {
			t.Fatalf("the ID %q has fewer than 128 random bits", info.ID)
		}
		_, _, body = ts.do("GET", header.Get("Location"), "")
		var read map[string]any
		if err := json.Unmarshal([]byte(body), &read); err != nil {
			t.Fatal(err)
		}
		if read["id"] != info.ID || read["kind"] != string(kind) || read["title"] != "A title" || read["revision"] != 1.0 || read["delta"] == nil {
			t.Fatalf("read answered %s", body)
		}
	}
	seen := map[string]bool{}
	for after := ""; ; {
		var page documentList
		_, _, body := ts.do("GET", "/api/v1/documents?limit=3&after="+after, "")
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		for _, d := range page.Documents {
			seen[d.ID] = true
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(seen) != len(kinds) {
		t.Fatalf("the list has %d documents, want %d", len(seen), len(kinds))
	}
}

func TestListShowsOnlyOnesOwnWhereItIsPrivate(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.ListAll = false })
	_, header, _ := ts.do("POST", "/api/v1/documents", `{"kind":"text"}`)
	cookie := strings.Split(header.Get("Set-Cookie"), ";")[0]
	_, _, mine := ts.do("GET", "/api/v1/documents", "", "Cookie", cookie)
	_, _, theirs := ts.do("GET", "/api/v1/documents", "", "Cookie", cookie+"x")
	if strings.Count(mine, `"id"`) != 1 || strings.Count(theirs, `"id"`) != 0 {
		t.Fatalf("the owner sees %s, somebody with a forged cookie sees %s", mine, theirs)
	}
}

func TestTextIsReplacedByAMinimalEditThatMerges(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "one two three")
	p := ts.join(doc, "")
	p.follow()
	status, header, body := ts.do("PUT", "/api/v1/documents/"+doc+"/text", "one 2 three", "If-Match", `"1"`)
	if status != 200 || header.Get("ETag") != `"2"` {
		t.Fatalf("answered %d %v %s", status, header, body)
	}
	m := p.receive()
	delta, _ := json.Marshal(m["op"])
	if string(delta) != `[{"retain":4},{"insert":"2"},{"delete":3}]` {
		t.Fatalf("the edit is %s", delta)
	}
	p.edit(1, 1, `[{"insert":"> "}]`) // made before it knew
	p.expect(ack(2, 1))
	if got := ts.text(doc); got != "> one 2 three" {
		t.Fatalf("text is %q", got)
	}
}

func TestTextOfAnOlderRevisionIsNotOverwritten(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "a")
	path := "/api/v1/documents/" + doc + "/text"
	ts.do("PUT", path, "b")
	status, header, body := ts.do("PUT", path, "c", "If-Match", `"1"`)
	if status != http.StatusPreconditionFailed || header.Get("ETag") != `"2"` || ts.text(doc) != "b" {
		t.Fatalf("answered %d %v %s", status, header, body)
	}
	if status, _, _ := ts.do("GET", path, "", "If-None-Match", `"2"`); status != http.StatusNotModified {
		t.Fatalf("an unchanged text answered %d", status)
	}
}

func TestReplacedTextKeepsItsRules(t *testing.T) {
	ts := serveNew(t)
	for _, test := range []struct{ kind, put, want string }{
		{"text", "a\r\nb\rc", "a\nb\nc"},
		{"rich", "no newline", "no newline\n"},
		{"rich", "", "\n"},
		{"text", "", ""},
		{"markdown", "# 😀 e\u0301", "# 😀 e\u0301"},
	} {
		doc := ts.create(test.kind, "before")
		if status, _, body := ts.do("PUT", "/api/v1/documents/"+doc+"/text", test.put); status != 200 {
			t.Fatalf("%q answered %d %s", test.put, status, body)
		}
		if got := ts.text(doc); got != test.want {
			t.Errorf("%s: put %q, got %q", test.kind, test.put, got)
		}
	}
}

func TestBadRequestIsAProblemInOneSentence(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) {
		o.Limits = DefaultLimits
		o.Limits.MessageBytes = 1000
		o.Limits.DocumentUnits = 500
	})
	doc := "/api/v1/documents/" + ts.create("text", "x")
	for name, test := range map[string]struct {
		method, path, body string
		status             int
	}{
		"malformed JSON":       {"POST", "/api/v1/documents", `{"kind":`, 400},
		"wrong type":           {"POST", "/api/v1/documents", `{"kind":7}`, 400},
		"unknown kind":         {"POST", "/api/v1/documents", `{"kind":"opera"}`, 400},
		"title of two lines":   {"POST", "/api/v1/documents", `{"title":"a\nb"}`, 400},
		"body too large":       {"POST", "/api/v1/documents", `{"text":"` + strings.Repeat("x", 2000) + `"}`, 413},
		"text too long":        {"POST", "/api/v1/documents", `{"text":"` + strings.Repeat("x", 600) + `"}`, 413},
		"invalid UTF-8":        {"PUT", doc + "/text", "\xff", 400},
		"text grows too long":  {"PUT", doc + "/text", strings.Repeat("y", 600), 422},
		"nothing to change":    {"PATCH", doc, `{}`, 400},
		"text becomes rich":    {"PATCH", doc, `{"kind":"rich"}`, 422},
		"becomes unknown kind": {"PATCH", doc, `{"kind":"opera"}`, 400},
		"language is no name":  {"PATCH", doc, `{"language":"C Sharp"}`, 400},
		"limit is no number":   {"GET", "/api/v1/documents?limit=x", "", 400},
		"missing document":     {"GET", "/api/v1/documents/missing", "", 404},
		"text of a missing":    {"GET", "/api/v1/documents/missing/text", "", 404},
		"replace of a missing": {"PUT", "/api/v1/documents/missing/text", "x", 404},
		"rename of a missing":  {"PATCH", "/api/v1/documents/missing", `{"title":"x"}`, 404},
		"bad ID":               {"GET", "/api/v1/documents/a.b", "", 404},
		"unknown address":      {"GET", "/api/v2", "", 404},
		"wrong method":         {"DELETE", "/healthz", "", 405},
	} {
		t.Run(name, func(t *testing.T) {
			status, header, body := ts.do(test.method, test.path, test.body)
			var p problemDetails
			if err := json.Unmarshal([]byte(body), &p); err != nil {
				t.Fatalf("answered %d %s", status, body)
			}
			if status != test.status || p.Status != status || header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("answered %d %v %s, want %d", status, header, body, test.status)
			}
			if !strings.HasSuffix(p.Detail, ".") || p.Title == "" {
				t.Fatalf("%q is not a sentence", p.Detail)
			}
		})
	}
	if got := ts.text(strings.TrimPrefix(doc, "/api/v1/documents/")); got != "x" {
		t.Fatalf("a refused request changed the text to %q", got)
	}
}

func TestPagesAreServedAndAMissingDocumentHasOne(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	for path, want := range map[string]struct {
		status int
		body   string
	}{
		"/":                     {200, "start page"},
		"/d/" + doc:             {200, "document page"},
		"/d/missing":            {404, "missing page"},
		"/d/b%C3%A4d":           {404, "missing page"},
		"/nowhere":              {404, "missing page"},
		"/assets/app-1a2.js":    {200, "script"},
		"/assets/../index.html": {200, "start page"},
		"/diagram.html":         {200, "diagram page"},
	} {
		status, header, body := ts.do("GET", path, "", "Accept", "text/html")
		if status != want.status || body != want.body {
			t.Errorf("%s answered %d %q", path, status, body)
		}
		policy := header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "script-src 'self';") || strings.Contains(policy, "unsafe") != (path == "/diagram.html") {
			t.Errorf("%s has the policy %q", path, policy)
		}
	}
	_, header, _ := ts.do("GET", "/assets/app-1a2.js", "")
	if !strings.Contains(header.Get("Cache-Control"), "immutable") {
		t.Error("assets are not cached")
	}
}

func TestServerWithoutABuiltPageSaysHowToBuildIt(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.Pages = nil })
	status, _, body := ts.do("GET", "/", "")
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "make build") {
		t.Fatalf("answered %d %q", status, body)
	}
}

// deadlineWriter is a response writer whose connection notes its read deadline.
type deadlineWriter struct {
	*httptest.ResponseRecorder
	deadline time.Time
}

func (w *deadlineWriter) SetReadDeadline(t time.Time) error {
	w.deadline = t
	return nil
}

func TestBodyThatNeverArrivesIsNotWaitedForForEver(t *testing.T) {
	ts := serveNew(t)
	w := &deadlineWriter{ResponseRecorder: httptest.NewRecorder()}
	req := httptest.NewRequest(http.MethodPost, "/api/v1/documents", strings.NewReader(`{"kind":"text"}`))
	ts.ServeHTTP(w, req)
	if w.Code != http.StatusCreated || time.Until(w.deadline) > bodyTime || time.Until(w.deadline) < 0 {
		t.Fatalf("answered %d, waits until %s", w.Code, w.deadline)
	}
}
