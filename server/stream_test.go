package server

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/access"
)

// caller is a browser that speaks to a stream one request at a time.
type caller struct {
	*testServer
	client http.Client
	// at is the address of its stream, and key that by which it is its own.
	at, key string
}

// call opens a stream with some messages.
func (ts *testServer) call(document string, messages ...string) *caller {
	ts.t.Helper()
	c := &caller{testServer: ts}
	status, body := c.post("/stream?document="+document, messages...)
	var opened struct{ Stream, Key string }
	if err := json.Unmarshal([]byte(body), &opened); err != nil || status != http.StatusCreated || opened.Stream == "" {
		ts.t.Fatalf("opening answered %d %s", status, body)
	}
	c.at, c.key = "/stream/"+opened.Stream, opened.Key
	return c
}

func (c *caller) request(method, path, body string, header ...string) (int, string) {
	c.t.Helper()
	status, _, answer := c.with(&c.client).do(method, path, body, append(header, streamKey, c.key)...)
	return status, answer
}

func (c *caller) post(path string, messages ...string) (int, string) {
	c.t.Helper()
	return c.request(http.MethodPost, path, strings.Join(messages, "\n"), "Content-Type", ndjson)
}

// write sends messages of which the first has a number, and expects so many to have been received then.
func (c *caller) write(first, received int, messages ...string) {
	c.t.Helper()
	status, body := c.post(fmt.Sprintf("%s?first=%d", c.at, first), messages...)
	if want := fmt.Sprintf(`{"received":%d}`, received); status != http.StatusOK || body != want {
		c.t.Fatalf("answered %d %s, want %s", status, body, want)
	}
}

// read asks for what comes after a number until there are so many messages.
func (c *caller) read(has, n int) []string {
	c.t.Helper()
	var all []string
	for len(all) < n {
		status, body := c.request(http.MethodGet, fmt.Sprintf("%s?has=%d", c.at, has+len(all)), "")
		var answer struct {
			First    int
			Messages []json.RawMessage
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK || answer.First != has+len(all)+1 {
			c.t.Fatalf("after %d: answered %d %s", has+len(all), status, body)
		}
		for _, m := range answer.Messages {
			all = append(all, string(m))
		}
	}
	return all
}

func (c *caller) refused(status int, path string, header ...string) {
	c.t.Helper()
	got, body := c.request(http.MethodGet, path, "", header...)
	var p problemDetails
	if err := json.Unmarshal([]byte(body), &p); err != nil || got != status || p.Detail == "" {
		c.t.Fatalf("%s answered %d %s, want %d", path, got, body, status)
	}
}

const handshaking = `{"a":"hs","id":null,"protocol":1,"protocolMinor":2}`

// writing is an edit of the newest version.
func writing(seq int, text string) string {
	return fmt.Sprintf(`{"a":"op","c":"documents","d":"<doc>","v":null,"seq":%d,"op":[{"insert":%q}]}`, seq, text)
}

func on(document string, messages ...string) []string {
	all := slices.Clone(messages)
	for i := range all {
		all[i] = strings.ReplaceAll(all[i], "<doc>", document)
	}
	return all
}

func TestMessagesSentTwiceAreTakenOnce(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	c := ts.call(doc, handshaking)
	edits := on(doc, writing(1, "a"), writing(2, "b"), writing(3, "c"))
	c.write(2, 3, edits[:2]...)
	c.write(2, 3, edits[:2]...) // the answer to the first was lost
	c.write(2, 4, edits...)     // and now with one more
	if got := c.read(0, 4); len(got) != 4 {
		t.Fatalf("got %q", got)
	}
	if got := ts.text(doc); len(got) != 3 {
		t.Fatalf("the text is %q", got)
	}
}

func TestMessagesThatComeTooEarlyAreRefusedAndNothingIsLost(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	c := ts.call(doc, handshaking)
	edits := on(doc, writing(1, "a"), writing(2, "b"))
	status, body := c.post(c.at+"?first=3", edits[1])
	if status != http.StatusConflict || !strings.Contains(body, "from number 2 on") {
		t.Fatalf("answered %d %s", status, body)
	}
	c.write(2, 2, edits[0])
	c.write(3, 3, edits[1])
	c.read(0, 3)
	if got := ts.text(doc); len(got) != 2 {
		t.Fatalf("the text is %q", got)
	}
}

func TestAnswerThatGotLostIsAskedForAgain(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "hello")
	c := ts.call(doc, on(doc, handshaking, `{"a":"s","c":"documents","d":"<doc>"}`)...)
	c.read(0, 1)
	first := c.read(1, 1)
	if again := c.read(1, 1); !slices.Equal(first, again) {
		t.Fatalf("first %q, then %q", first, again)
	}
}

func TestWhatIsNotKeptAnyMoreIsToldClearly(t *testing.T) {
	ts := serveNew(t)
	c := ts.call("", handshaking, `{"a":"pp"}`)
	c.read(0, 2)
	c.write(3, 3, `{"a":"pp"}`)
	c.read(2, 1) // says that it has two
	c.refused(http.StatusGone, c.at+"?has=1")
	c.refused(http.StatusBadRequest, c.at+"?has=4")
	c.refused(http.StatusBadRequest, c.at+"?has=x")
	c.refused(http.StatusBadRequest, c.at+"?has=3&wait=soon")
	c.refused(http.StatusNotFound, "/stream/unknown")
}

func TestNobodyElseCanReadAStream(t *testing.T) {
	ts := serveNew(t)
	c, other := ts.call("", handshaking), ts.call("", handshaking)
	other.refused(http.StatusNotFound, c.at)
	if status, _, _ := ts.do(http.MethodGet, c.at, "", "Cookie", ts.someone()); status != http.StatusNotFound {
		t.Fatalf("without a key: answered %d", status)
	}
	c.refused(http.StatusForbidden, c.at, "Origin", "https://elsewhere.example")
	c.read(0, 1)
}

func TestTheNewerOfTwoReadersGetsTheMessages(t *testing.T) {
	ts := serveNew(t)
	c := ts.call("", handshaking)
	c.read(0, 1)
	older := make(chan int)
	go func() {
		status, _ := c.request(http.MethodGet, c.at+"?has=1", "")
		older <- status
	}()
	st := ts.streamOf(c)
	for waits := false; !waits; { // until the older has begun to wait
		st.mu.Lock()
		waits = len(st.kept) == 0
		st.mu.Unlock()
	}
	newer := make(chan []string)
	go func() { newer <- c.read(1, 1) }()
	if status := <-older; status != http.StatusConflict {
		t.Fatalf("the older was answered %d", status)
	}
	c.write(2, 2, `{"a":"pp"}`)
	if got := <-newer; len(got) != 1 {
		t.Fatalf("the newer got %q", got)
	}
}

func TestBadRequestsToStreamsAreRefusedInASentence(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) {
		o.Limits = DefaultLimits
		o.Limits.MessageBytes = 1000
	})
	c := ts.call("", handshaking)
	for name, r := range map[string]struct {
		path, body, kind string
		status           int
	}{
		"another type":       {c.at + "?first=2", `{"a":"pp"}`, "text/plain", http.StatusUnsupportedMediaType},
		"no number":          {c.at, `{"a":"pp"}`, ndjson, http.StatusBadRequest},
		"number zero":        {c.at + "?first=0", `{"a":"pp"}`, ndjson, http.StatusBadRequest},
		"too large":          {c.at + "?first=2", strings.Repeat("x", 3000), ndjson, http.StatusRequestEntityTooLarge},
		"not a document's":   {"/stream?document=not%20an%20ID", "", ndjson, http.StatusNotFound},
		"too large at first": {"/stream", strings.Repeat("x", 3000), ndjson, http.StatusRequestEntityTooLarge},
	} {
		status, body := c.request(http.MethodPost, r.path, r.body, "Content-Type", r.kind)
		var p problemDetails
		if err := json.Unmarshal([]byte(body), &p); err != nil || status != r.status || p.Detail == "" {
			t.Errorf("%s: answered %d %s", name, status, body)
		}
	}
	c.write(2, 2, `{"a":"pp"}`)
}

func TestClientThatNeverReadsIsCutAndHoldsNoMemory(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) {
		o.Limits = DefaultLimits
		o.Limits.BacklogBytes = 10_000
	})
	doc := ts.create("text", "")
	c := ts.call(doc, on(doc, handshaking, `{"a":"s","c":"documents","d":"<doc>"}`)...)
	writer := ts.join(doc, "")
	st := ts.streamOf(c)
	for n := 1; st.closure() == nil; n++ {
		if n > 1000 {
			t.Fatal("it is never cut")
		}
		writer.edit(n, n, `[{"insert":"`+strings.Repeat("x", 100)+`"}]`)
		writer.expect(ack(n, n))
	}
	status, body := c.request(http.MethodGet, c.at, "")
	if status != http.StatusGone || !strings.Contains(body, fmt.Sprint(CloseTryAgain)) {
		t.Fatalf("answered %d %s", status, body)
	}
	if !st.queue.empty() || st.kept != nil {
		t.Fatal("what nobody will read is kept")
	}
}

func TestClientOverHTTPThatFallsSilentIsTakenForGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMetrics()
		left := false
		all := &streams{
			meet: func(st *stream, v *visit) *session {
				return newSession(st, oneRoom{}, "", v, &DefaultLimits)
			}, limits: DefaultLimits, metrics: m, here: map[string]*stream{},
		}
		who, _ := newPrincipals(DefaultLimits).enter("somebody")
		st := all.open("", &visit{who: who, caller: access.Caller{Principal: "somebody"}}, func() { left = true })
		for range 5 { // it is there as long as it is heard of
			time.Sleep(streamSilence - 1)
			if all.find(st.id, st.key) == nil || st.closure() != nil {
				t.Fatal("it was taken for gone too early")
			}
			if _, err := st.receive(1, nil); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(streamSilence + closeWait + 1)
		synctest.Wait()
		if !left || all.find(st.id, st.key) != nil {
			t.Fatal("it is still there")
		}
	})
}

func TestClientWhoseRequestToReadBreaksOffIsSoonTakenForGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := &streams{
			meet:   func(st *stream, v *visit) *session { return newSession(st, oneRoom{}, "", v, &DefaultLimits) },
			limits: DefaultLimits, metrics: NewMetrics(), here: map[string]*stream{},
		}
		who, _ := newPrincipals(DefaultLimits).enter("somebody")
		st := all.open("", &visit{who: who}, func() {})
		older, err := st.attach(0)
		if err != nil {
			t.Fatal(err)
		}
		newer, err := st.attach(0)
		if err != nil {
			t.Fatal(err)
		}
		st.detach(older)
		time.Sleep(streamReturn + 1)
		if st.closure() != nil {
			t.Fatal("it is taken for gone though another request reads")
		}
		st.detach(newer)
		time.Sleep(streamReturn + closeWait + 1)
		synctest.Wait()
		if st.closure() == nil {
			t.Fatal("it is still there")
		}
	})
}

func TestWhatAClientHasNotConfirmedIsKeptWithinABound(t *testing.T) {
	st := &stream{maxBacklog: 64 << 20, news: make(chan struct{}, 1), slow: unmeasured.slow}
	big := newMessage([]byte(strings.Repeat("x", streamMemory/4)))
	for n := range uint64(20) {
		st.Queue("", big)
		if messages, err := st.next(n); err != nil || len(messages) != 1 {
			t.Fatal(len(messages), err)
		}
	}
	if st.keptBytes > streamMemory+len(big.text) {
		t.Fatalf("%d bytes are kept", st.keptBytes)
	}
	if _, err := st.next(20); err != nil {
		t.Fatal(err)
	}
	st.confirm(20)
	if _, err := st.next(19); !errors.Is(err, errForgotten) {
		t.Fatalf("what was confirmed is given again: %v", err)
	}
	if len(st.kept) != 0 || st.keptBytes != 0 {
		t.Fatalf("%d messages of %d bytes are kept that the client has", len(st.kept), st.keptBytes)
	}
}

// streamOf is the stream that a caller has.
func (ts *testServer) streamOf(c *caller) *stream {
	ts.streams.mu.Lock()
	defer ts.streams.mu.Unlock()
	return ts.streams.here[strings.TrimPrefix(c.at, "/stream/")]
}

func TestRequestThatIsCutOffTakesNothing(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	c := ts.call(doc, handshaking)
	edit := on(doc, writing(1, "a"))[0]
	host := strings.TrimPrefix(ts.web.URL, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s?first=2 HTTP/1.1\r\nHost: %s\r\nStream-Key: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		c.at, host, c.key, ndjson, 2*len(edit), edit)
	_ = conn.(*net.TCPConn).CloseWrite()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusBadRequest {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	if got := ts.text(doc); got != "" {
		t.Fatalf("half a request was taken: %q", got)
	}
	c.write(2, 2, edit)
	c.read(0, 2)
	if got := ts.text(doc); got != "a" {
		t.Fatalf("the text is %q", got)
	}
}

func TestOneClientOverTwoTransportsAtOnceEditsOnce(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	ws := ts.join(doc, "")
	c := ts.call(doc, fmt.Sprintf(`{"a":"hs","id":%q,"protocol":1,"protocolMinor":2}`, ws.id))
	edit := fmt.Sprintf(`{"a":"op","c":"documents","d":%q,"v":1,"src":%q,"seq":1,"op":[{"insert":"a"}]}`, doc, ws.id)
	ws.send(edit)
	c.write(2, 2, edit)
	ws.expect(ack(1, 1))
	c.read(0, 1)
	if got := c.read(1, 1)[0]; !sameJSON(t, []byte(got), []byte(strings.NewReplacer("<doc>", doc, "<id>", ws.id).Replace(ack(1, 1)))) {
		t.Fatalf("over HTTP it was answered %s", got)
	}
	if got := ts.text(doc); got != "a" {
		t.Fatalf("the text is %q", got)
	}
}

func TestHowLongARequestIsHeld(t *testing.T) {
	for query, want := range map[string]time.Duration{
		"": usualPoll, "?wait=0s": 0, "?wait=3s": 3 * time.Second, "?wait=1h": maxPoll, "?wait=-1s": -1, "?wait=3": -1, "?wait=soon": -1,
	} {
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequest(http.MethodGet, "/stream/x"+query, nil)
		got, err := waitOf(c, usualPoll, maxPoll)
		if want < 0 && err == nil || want >= 0 && (err != nil || got != want) {
			t.Errorf("%q is held for %v (%v), want %v", query, got, err, want)
		}
	}
	if maxPoll >= streamSilence {
		t.Error("whoever polls for as long as allowed is taken for gone")
	}
}

// The page shows what it has with every request, also when that has expired: a new token is to come through the stream that there is.
func TestStreamIsRenewedWhereItIsThoughItsTokenHasExpired(t *testing.T) {
	ts := serveNew(t)
	h := ts.host()
	doc := ts.restrictedDocument("a")
	as := embeddedAs{Site: h.ID, Subject: "ann", Scope: access.Scope{Role: access.Viewer}, Expires: nowMillis() + 60_000}
	shake := func(role access.Role) string {
		as.Scope.Role = role
		return fmt.Sprintf(`{"a":"hs","id":"ann","protocol":1,"protocolMinor":2,"token":%q}`, ts.sessions.token(as))
	}
	c := ts.call(doc, shake(access.Viewer), `{"a":"q:hello","c":"documents","d":"`+doc+`"}`)
	as.Expires = nowMillis() - 1
	expired := by(ts.sessions.token(as))
	as.Expires = nowMillis() + 60_000
	status, body := c.request("POST", c.at+"?first=3", shake(access.Editor), append(expired, "Content-Type", ndjson)...)
	if status != http.StatusOK {
		t.Fatalf("the new token is answered by %d %s", status, body)
	}
	for said := ""; !strings.Contains(said, `"role":"editor"`); {
		status, answer := c.request("GET", c.at+"?wait=10s", "", expired...)
		if said += answer; status != http.StatusOK || strings.Contains(answer, `"messages":[]`) {
			t.Fatalf("the stream answers %d %s", status, answer)
		}
	}
}
