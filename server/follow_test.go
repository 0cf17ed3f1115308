package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// followed is an event as a test sees it.
type followed struct{ id, name, data string }

var errEnough = errors.New("enough")

// followEvents follows a document until there have been so many events, while meanwhile is called once after the first sign of life.
func (ts *testServer) followEvents(document string, n int, meanwhile func(), header ...string) []followed {
	ts.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req := ts.request(ctx, http.MethodGet, "/api/v1/documents/"+document+"/events", "", header...)
	resp, err := ts.client.Do(req)
	if err != nil {
		ts.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != eventStream {
		ts.t.Fatalf("answered %s %v", resp.Status, resp.Header)
	}
	meanwhile()
	var all []followed
	err = eachEvent(resp.Body, func(id, name string, data []byte) error {
		if all = append(all, followed{id, name, string(data)}); len(all) == n {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		ts.t.Fatalf("after %v: %v", all, err)
	}
	return all
}

func TestFollowerIsToldOfEditsWithAuthorsAndOfWhoComesAndGoesAndOfTitles(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "hello")
	writer := ts.join(doc, "")
	got := ts.followEvents(doc, 4, func() {
		writer.send(`{"a":"p","ch":"documents.<doc>","id":"1","p":{"index":0,"length":0,"name":"Ann"},"pv":1,"v":1,"c":"documents","d":"<doc>"}`)
		writer.receive()
		writer.edit(1, 1, `[{"retain":5},{"insert":"!"}]`)
		writer.expect(ack(1, 1))
		if status, _, body := ts.do(http.MethodPatch, "/api/v1/documents/"+doc, `{"title":"Plan"}`); status != http.StatusOK {
			t.Errorf("the title: %d %s", status, body)
		}
		writer.send(gone("1", 2))
	})
	byName := map[string]followed{}
	for _, e := range got {
		byName[e.name] = e
	}
	var edit editEvent
	if err := json.Unmarshal([]byte(byName["edit"].data), &edit); err != nil {
		t.Fatal(err)
	}
	if e := byName["edit"]; e.id != "2" || edit.Revision != 2 || edit.Person == "" || edit.Time == 0 || string(edit.Delta) != `[{"retain":5},{"insert":"!"}]` {
		t.Errorf("the edit is told as %v", e)
	}
	for name, want := range map[string]string{
		"join": `{"name":"Ann"}`, "leave": `{"name":"Ann"}`, "title": `{"title":"Plan","kind":"text"}`,
	} {
		if e := byName[name]; e.data != want || e.id != "" {
			t.Errorf("%s is told as %v, want %s", name, e, want)
		}
	}
}

func TestFollowerGoesOnWhereItWas(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	writer := ts.join(doc, "")
	for n := 1; n <= 5; n++ {
		writer.edit(n, n, fmt.Sprintf(`[{"insert":"%d"}]`, n))
		writer.expect(ack(n, n))
	}
	for i, e := range ts.followEvents(doc, 3, func() {}, "Last-Event-ID", "3") {
		if want := fmt.Sprint(4 + i); e.id != want || e.name != "edit" {
			t.Errorf("%v came, not the edit %s", e, want)
		}
	}
}

func TestEventsFromTheVeryBeginningTellOfTheCreation(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "hello")
	got := ts.followEvents(doc, 1, func() {}, "Last-Event-ID", "0")
	if e := got[0]; e.id != "1" || e.name != "create" || !strings.Contains(e.data, `"delta":[{"insert":"hello"}]`) {
		t.Fatalf("got %v", e)
	}
}

func TestFollowingWhatIsNotThereIsRefusedInASentence(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	for path, want := range map[string]int{
		"never-made/events":        http.StatusNotFound,
		doc + "/events?since=2":    http.StatusBadRequest,
		doc + "/events?since=x":    http.StatusBadRequest,
		doc + "?since=7&wait=1s":   http.StatusBadRequest,
		doc + "?since=1&wait=soon": http.StatusBadRequest,
	} {
		status, header, body := ts.do(http.MethodGet, "/api/v1/documents/"+path, "")
		if status != want || header.Get("Content-Type") != problemType {
			t.Errorf("%s: answered %d %s", path, status, body)
		}
	}
	status, _, _ := ts.do(http.MethodGet, "/api/v1/documents/"+doc+"/events", "", "Last-Event-ID", "x")
	if status != http.StatusBadRequest {
		t.Errorf("an ID that is none: answered %d", status)
	}
}

func TestReadWithSinceWaitsForNews(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	path := "/api/v1/documents/" + doc
	if status, header, _ := ts.do(http.MethodGet, path+"?since=1", ""); status != http.StatusNotModified || header.Get("ETag") != `"1"` {
		t.Fatalf("without waiting: answered %d %v", status, header)
	}
	if status, _, _ := ts.do(http.MethodGet, path, "", "If-None-Match", `"1"`); status != http.StatusNotModified {
		t.Fatalf("what is known already: answered %d", status)
	}
	if status, _, _ := ts.do(http.MethodGet, path+"?since=1&wait=10ms", ""); status != http.StatusNotModified {
		t.Fatalf("when nothing comes: answered %d", status)
	}
	answer := make(chan string)
	go func() {
		_, _, body := ts.do(http.MethodGet, path+"?since=1&wait=30s", "")
		answer <- body
	}()
	writer := ts.join(doc, "")
	writer.edit(1, 1, `[{"insert":"news"}]`)
	writer.expect(ack(1, 1))
	if body := <-answer; !strings.Contains(body, `"revision":2`) || !strings.Contains(body, "news") {
		t.Fatalf("answered %s", body)
	}
	if _, _, body := ts.do(http.MethodGet, path+"?since=1&wait=30s", ""); !strings.Contains(body, "news") {
		t.Fatalf("when there is something already: answered %s", body)
	}
}

func TestEditIsCarriedOverWhatOthersDidSinceItsBase(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "hello")
	writer := ts.join(doc, "")
	writer.edit(1, 1, `[{"insert":"Oh, "}]`)
	writer.expect(ack(1, 1))
	status, header, body := ts.do(http.MethodPost, "/api/v1/documents/"+doc+"/edits", `{"base":1,"delta":[{"retain":5},{"insert":"!"}]}`)
	if status != http.StatusOK || header.Get("ETag") != `"3"` || ts.text(doc) != "Oh, hello!" {
		t.Fatalf("answered %d %s; the text is %q", status, body, ts.text(doc))
	}
}

func TestEditWithAKeyIsMadeOnceHoweverOftenItIsSent(t *testing.T) {
	data := t.TempDir()
	ts := serveAt(t, data, nil)
	doc := ts.create("text", "")
	cookie := ts.someone()
	send := func(key string) string {
		t.Helper()
		status, _, body := ts.do(http.MethodPost, "/api/v1/documents/"+doc+"/edits", `{"base":1,"delta":[{"insert":"x"}]}`,
			"Idempotency-Key", key, "Cookie", cookie)
		if status != http.StatusOK {
			t.Fatalf("answered %d %s", status, body)
		}
		return body
	}
	first := send("one")
	send("two")
	if again := send("one"); again != first {
		t.Errorf("first %s, then %s", first, again)
	}
	ts.stop()
	ts = serveAt(t, data, nil)
	if again := send("one"); again != first {
		t.Errorf("after a restart %s, first %s", again, first)
	}
	if got := ts.text(doc); got != "xx" {
		t.Errorf("the text is %q", got)
	}
}

func TestEditThatMakesNoSenseIsRefusedInASentence(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "hello")
	for name, r := range map[string]struct {
		body   string
		status int
	}{
		"no JSON":               {`{`, http.StatusBadRequest},
		"no base":               {`{"delta":[]}`, http.StatusBadRequest},
		"no delta":              {`{"base":1}`, http.StatusBadRequest},
		"a delta that is none":  {`{"base":1,"delta":[{"insert":7}]}`, http.StatusUnprocessableEntity},
		"past the end":          {`{"base":1,"delta":[{"retain":9},{"insert":"x"}]}`, http.StatusUnprocessableEntity},
		"of the future":         {`{"base":9,"delta":[]}`, http.StatusConflict},
		"with carriage returns": {`{"base":1,"delta":[{"insert":"\r"}]}`, http.StatusUnprocessableEntity},
	} {
		status, header, body := ts.do(http.MethodPost, "/api/v1/documents/"+doc+"/edits", r.body)
		if status != r.status || header.Get("Content-Type") != problemType {
			t.Errorf("%s: answered %d %s", name, status, body)
		}
	}
	if got := ts.text(doc); got != "hello" {
		t.Errorf("the text is %q", got)
	}
}

// someone returns the cookie of a new guest.
func (ts *testServer) someone() string {
	ts.t.Helper()
	_, header, _ := ts.do(http.MethodGet, "/", "")
	cookie, _, _ := strings.Cut(header.Get("Set-Cookie"), ";")
	return cookie
}
