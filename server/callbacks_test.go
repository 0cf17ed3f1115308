package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/site"
)

// receiver is the server of a site that is told what was saved.
type receiver struct {
	*httptest.Server
	// messages are those that were taken.
	messages chan savedMessage

	// refused gets the status of every answer by which a message was not taken.
	refused chan int

	mu sync.Mutex
	// answer is the status of the next answers.
	answer int
	last   *http.Request
	body   []byte
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{messages: make(chan savedMessage, 100), refused: make(chan int, 1000), answer: http.StatusNoContent}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.last, r.body = req, body
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(r.answer)
		if r.answer/100 == 2 {
			var m savedMessage
			if err := json.Unmarshal(body, &m); err != nil {
				t.Error(err)
			}
			r.messages <- m
		} else {
			r.refused <- r.answer
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answers(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = status
}

// refuses waits until the site has refused so many messages more with a status.
func (r *receiver) refuses(t *testing.T, status, more int) {
	t.Helper()
	for more > 0 {
		select {
		case with := <-r.refused:
			if with == status {
				more--
			}
		case <-time.After(patience):
			t.Fatal("the site is told nothing")
		}
	}
}

func (r *receiver) next(t *testing.T) savedMessage {
	t.Helper()
	select {
	case m := <-r.messages:
		return m
	case <-time.After(patience):
		t.Fatal("the site is told nothing")
		return savedMessage{}
	}
}

// tellSoon has a server tell sites what was saved without waiting for long, until the test ends or stop is called.
func (ts *testServer) tellSoon() (stop func()) {
	ts.callbacks.pace = callbackPace{calm: 20 * time.Millisecond, atMost: time.Second, retry: 10 * time.Millisecond, maxRetry: 50 * time.Millisecond}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); ts.SendCallbacks(ctx) }()
	stop = func() { cancel(); <-ended }
	ts.t.Cleanup(stop)
	return stop
}

// told makes a site known that is told what was saved at an address.
func (ts *testServer) told(address string) host {
	ts.t.Helper()
	added, secret, err := ts.AddSite(ts.t.Context(), site.Site{
		Name: "wiki", Origins: []string{"https://wiki.example"}, Audience: "https://docs.example", Algorithm: site.Secret, Callback: address,
	})
	if err != nil {
		ts.t.Fatal(err)
	}
	return host{added, ts, secret}
}

// write has a user of the site replace the text of a document.
func (h host) write(user, document, text string) {
	h.ts.t.Helper()
	claims := h.claims(user, document, access.Editor)
	claims.Create, claims.Kind, claims.Title = true, "text", "Minutes"
	session := h.begin(claims, http.StatusCreated)
	if status, _, answer := h.ts.do("PUT", documentRoutes+"/"+document+"/text", text, by(session.Session)...); status != http.StatusOK {
		h.ts.t.Fatalf("writing answers %d %s", status, answer)
	}
}

func TestSiteIsToldWhatItsUsersHaveSaved(t *testing.T) {
	ts, r := serveNew(t), newReceiver(t)
	ts.tellSoon()
	h := ts.told(r.URL)
	h.write("ann", "wiki-1", "hello 😀")
	m := r.next(t)
	if m.Event != eventSaved || m.Site != h.ID || m.Document != "wiki-1" || m.Kind != KindText || m.Title != "Minutes" || *m.Text != "hello 😀" ||
		string(m.Delta) != `[{"insert":"hello 😀"}]` || m.Revision != 2 || m.Since != 1 || m.Modified == 0 {
		t.Errorf("the site is told %+v", m)
	}
	if len(m.Authors) != 1 || m.Authors[0] != (savedAuthor{Subject: "ann", Person: personOf("embed:" + h.ID + ":ann"), Edits: 1}) {
		t.Errorf("the authors are %+v", m.Authors)
	}
	r.mu.Lock()
	var at int64
	_, _ = fmt.Sscanf(r.last.Header.Get(site.SignatureHeader), "t=%d,", &at)
	want := site.Signature(ts.callbackSecret(h.ID), r.body, time.Unix(at, 0))
	if got := r.last.Header.Get(site.SignatureHeader); got != want || time.Since(time.Unix(at, 0)).Abs() > time.Minute {
		t.Errorf("the message is signed %s, want %s", got, want)
	}
	if name := r.last.Header.Get(site.DeliveryHeader); name != "wiki-1@2" || r.last.Method != "POST" {
		t.Errorf("the message is %s %s", r.last.Method, name)
	}
	r.mu.Unlock()

	// What others do there is saved too, and told with who they are.
	h.write("ben", "wiki-1", "hello you")
	if m := r.next(t); *m.Text != "hello you" || m.Since != 2 || len(m.Authors) != 1 || m.Authors[0].Subject != "ben" {
		t.Errorf("then the site is told %+v", m)
	}
	// A document that no user of the site has opened is none of its business.
	own := ts.createAs("ann", "text", "mine")
	ts.do("PUT", documentRoutes+"/"+own+"/text", "secret", ts.as("ann")...)
	h.write("ann", "wiki-2", "other")
	if m := r.next(t); m.Document != "wiki-2" {
		t.Errorf("the site is told of %s", m.Document)
	}
}

// Editing that goes on for long is told now and then, and at once when the last person has left.
func TestSiteIsToldWhenEditingCalmsDownOrEverybodyHasLeft(t *testing.T) {
	c := newCallbacks(nil)
	c.active.Store(true)
	c.pace = callbackPace{calm: time.Hour, atMost: 24 * time.Hour}
	c.edited("doc")
	if documents, _, rest := c.due(); len(documents) != 0 || rest < 59*time.Minute {
		t.Errorf("while somebody edits it is time for %v, then in %s", documents, rest)
	}
	c.vacated("doc")
	c.vacated("another")
	if documents, _, _ := c.due(); len(documents) != 1 {
		t.Errorf("when everybody has left it is time for %v", documents)
	}
	c.pace.atMost = 0
	c.edited("doc")
	c.edited("doc")
	if documents, _, _ := c.due(); len(documents) != 1 {
		t.Errorf("when it has gone on for long it is time for %v", documents)
	}
}

func TestSiteThatDoesNotAnswerIsToldAgain(t *testing.T) {
	ts, r := serveNew(t), newReceiver(t)
	ts.tellSoon()
	h := ts.told(r.URL)
	for _, status := range []int{500, 404, 302} { // a redirect is not followed
		r.answers(status)
		h.write("ann", "wiki-1", "at first")
		h.write("ann", "wiki-1", "then "+http.StatusText(status))
		r.refuses(t, status, 2)
		r.answers(200)
		for m := r.next(t); *m.Text != "then "+http.StatusText(status); m = r.next(t) {
			if *m.Text != "at first" {
				t.Fatalf("%d: the site is told %+v", status, m)
			}
		}
	}
	r.answers(http.StatusGone)
	h.write("ann", "wiki-2", "unwanted")
	r.refuses(t, http.StatusGone, 1)
	r.answers(200)
	h.write("ann", "wiki-3", "wanted")
	if m := r.next(t); m.Document != "wiki-3" {
		t.Errorf("what it did not want is told again: %+v", m)
	}
}

func TestWhatASiteIsOwedOutlivesTheServer(t *testing.T) {
	data, r := t.TempDir(), newReceiver(t)
	ts := serveAt(t, data, nil)
	h := ts.told(r.URL)
	h.write("ann", "wiki-1", "told later")
	h.write("ann", "wiki-2", "never told")
	ts.stop()
	ts = serveAt(t, data, nil)
	r.answers(503)
	stop := ts.tellSoon()
	r.refuses(t, 503, 2)
	stop()
	ts.stop()
	ts = serveAt(t, data, nil)
	r.answers(200)
	ts.tellSoon()
	got := map[string]string{}
	for range 2 {
		m := r.next(t)
		got[m.Document] = *m.Text
	}
	if got["wiki-1"] != "told later" || got["wiki-2"] != "never told" {
		t.Errorf("after two restarts the site is told %v", got)
	}
	if err := ts.RemoveSite(t.Context(), h.ID); err != nil {
		t.Fatal(err)
	}
	if ts.callbacks.active.Load() {
		t.Error("nobody wants to be told, and it goes on")
	}
}

func TestSiteIsToldThatADocumentWasDeleted(t *testing.T) {
	ts, r := serveNew(t), newReceiver(t)
	ts.tellSoon()
	h := ts.told(r.URL)
	h.write("ann", "wiki-1", "hello")
	r.next(t)
	owner := h.begin(h.claims("ann", "wiki-1", access.Owner), http.StatusCreated)
	p := ts.dial("wiki-1")
	p.shakeWith(owner.Session)
	p.receive()
	p.send(`{"a":"op","c":"documents","d":"wiki-1","v":null,"seq":1,"del":true}`)
	if m := r.next(t); m.Event != eventDeleted || m.Text != nil {
		t.Errorf("the site is told %+v", m)
	}
	h.write("ann", "wiki-2", "hello")
	r.next(t)
}

func TestMessageThatWouldBeTooLargeHasNoText(t *testing.T) {
	text := string(make([]byte, maxSavedBytes+1))
	body, err := savedMessage{Event: eventSaved, Text: &text}.encode()
	var m savedMessage
	if err != nil || json.Unmarshal(body, &m) != nil || m.Text != nil || !m.TooLarge {
		t.Errorf("it is %.100s %v", body, err)
	}
}
