package server

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/quire-editor/quire/store"
)

// patience is how long a test waits for something that should happen at once.
const patience = 20 * time.Second

// testServer is a real server on a real store in a temporary folder.
type testServer struct {
	*Server
	t    *testing.T
	web  *httptest.Server
	data string
	// client is who asks.
	client *http.Client
}

var testPages = fstest.MapFS{
	"index.html":        {Data: []byte("start page")},
	"document.html":     {Data: []byte("document page")},
	"missing.html":      {Data: []byte("missing page")},
	"diagram.html":      {Data: []byte("diagram page")},
	"assets/app-1a2.js": {Data: []byte("script")},
}

// serveAt starts a server on the data of a folder. It ends with the test, or when stop is called.
func serveAt(t *testing.T, data string, change func(*Options)) *testServer {
	t.Helper()
	st, err := store.Open(data, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	options := Options{Store: st, Secret: make([]byte, secretBytes), Pages: testPages, ListAll: true, Limits: DefaultLimits}
	options.Limits.ChangesPerSecond = 100_000 // tests are not people
	if change != nil {
		change(&options)
	}
	ts := &testServer{Server: New(options), t: t, data: data, client: http.DefaultClient}
	ts.web = httptest.NewUnstartedServer(ts.Server)
	ts.web.Listener = Gather(ts.web.Listener)
	ts.web.Start()
	t.Cleanup(ts.stop)
	return ts
}

func serveNew(t *testing.T) *testServer { return serveAt(t, t.TempDir(), nil) }

// on returns the server as a part of its test uses it.
func (ts *testServer) on(t *testing.T) *testServer {
	part := *ts
	part.t = t
	return &part
}

// with returns the server as another client asks it.
func (ts *testServer) with(client *http.Client) *testServer {
	other := *ts
	other.client = client
	return &other
}

// stop drains and closes the server and its store.
func (ts *testServer) stop() {
	if ts.web == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := ts.Shutdown(ctx); err != nil {
		ts.t.Error(err)
	}
	ts.web.Close()
	ts.web = nil
	if err := ts.store.Close(); err != nil {
		ts.t.Error(err)
	}
}

// do sends a request and returns the answer's status, header and body.
func (ts *testServer) do(method, path, body string, header ...string) (int, http.Header, string) {
	ts.t.Helper()
	req := ts.request(context.Background(), method, path, body, header...)
	resp, err := ts.client.Do(req)
	if err != nil {
		ts.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		ts.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(answer)
}

// request makes a request.
func (ts *testServer) request(ctx context.Context, method, path, body string, header ...string) *http.Request {
	ts.t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, ts.web.URL+path, strings.NewReader(body))
	if err != nil {
		ts.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return req
}

// create makes a document over the API and returns its ID.
func (ts *testServer) create(kind, text string) string {
	ts.t.Helper()
	body, _ := json.Marshal(createRequest{Kind: kind, Text: text})
	status, _, answer := ts.do(http.MethodPost, "/api/v1/documents", string(body))
	var info documentInfo
	if err := json.Unmarshal([]byte(answer), &info); err != nil || status != http.StatusCreated {
		ts.t.Fatalf("create answered %d %s", status, answer)
	}
	return info.ID
}

// text reads a document's text over the API.
func (ts *testServer) text(document string) string {
	ts.t.Helper()
	status, _, answer := ts.do(http.MethodGet, "/api/v1/documents/"+document+"/text", "")
	if status != http.StatusOK {
		ts.t.Fatalf("text of %s answered %d %s", document, status, answer)
	}
	return answer
}

// over is how the peers of tests reach the server: most of what holds for a WebSocket holds for every transport.
var over = flag.String("over", "websocket", "how tests connect: websocket, events or polling")

// transport carries messages, as a *websocket.Conn does.
type transport interface {
	WriteMessage(kind int, data []byte) error
	ReadMessage() (kind int, data []byte, err error)
	SetReadDeadline(t time.Time) error
	Close() error
}

// peer is one connection, spoken to message by message.
type peer struct {
	t    *testing.T
	conn transport
	// document stands for <doc> in messages; id and src are the client's own, learned in the handshake.
	document, id string
}

// dial opens a connection to a document's room without saying anything.
func (ts *testServer) dial(document string) *peer {
	ts.t.Helper()
	return ts.dialWith(nil, document)
}

// dialWith is dial with a header.
func (ts *testServer) dialWith(header http.Header, document string) *peer {
	ts.t.Helper()
	if *over != "websocket" {
		conn := ts.openStream(header, document)
		ts.t.Cleanup(func() { conn.Close() })
		return &peer{t: ts.t, conn: conn, document: document}
	}
	conn, resp, err := websocket.DefaultDialer.Dial(ts.address(document), header)
	if err != nil {
		ts.t.Fatalf("dial: %v %v", err, resp)
	}
	ts.t.Cleanup(func() { conn.Close() })
	return &peer{t: ts.t, conn: conn, document: document}
}

// upgrade asks for a WebSocket.
var upgrade = []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13"}

// onlyWebSocket skips a test of what other transports do not have.
func onlyWebSocket(t *testing.T) {
	t.Helper()
	if *over != "websocket" {
		t.Skip("this is about WebSocket alone")
	}
}

// socket is the WebSocket itself, for what only that can do.
func (p *peer) socket() *websocket.Conn {
	p.t.Helper()
	onlyWebSocket(p.t)
	return p.conn.(*websocket.Conn)
}

// address is where a document's room is reached; without a document, where all are.
func (ts *testServer) address(document string) string {
	return strings.TrimSuffix("ws"+strings.TrimPrefix(ts.web.URL, "http")+"/ws/"+document, "/")
}

// joinAny opens a connection of several documents and shakes hands.
func (ts *testServer) joinAny(id string) *peer {
	ts.t.Helper()
	return ts.join("", id)
}

// on returns the peer as it speaks of a document.
func (p *peer) on(document string) *peer {
	other := *p
	other.document = document
	return &other
}

// join opens a connection and shakes hands, as a new client or as the one with the given id.
func (ts *testServer) join(document, id string) *peer {
	ts.t.Helper()
	p := ts.dial(document)
	p.shake(id)
	return p
}

func (p *peer) shake(id string) {
	p.t.Helper()
	sent := "null"
	if id != "" {
		sent = `"` + id + `"`
	}
	p.send(`{"a":"hs","id":` + sent + `,"protocol":1,"protocolMinor":2}`)
	p.id, _ = p.receive()["id"].(string)
	if p.id == "" {
		p.t.Fatal("the handshake gave no id")
	}
}

// send sends a message in which <doc> stands for the document and <id> for the client's id.
func (p *peer) send(message string) {
	p.t.Helper()
	message = strings.NewReplacer("<doc>", p.document, "<id>", p.id).Replace(message)
	if err := p.conn.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) read() ([]byte, error) {
	_ = p.conn.SetReadDeadline(time.Now().Add(patience))
	_, data, err := p.conn.ReadMessage()
	return data, err
}

// receive returns the next message.
func (p *peer) receive() map[string]any {
	p.t.Helper()
	data, err := p.read()
	if err != nil {
		p.t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		p.t.Fatalf("%s: %v", data, err)
	}
	return m
}

// expect checks that the next messages are these, as JSON values, in this order.
func (p *peer) expect(messages ...string) {
	p.t.Helper()
	for _, want := range messages {
		want = strings.NewReplacer("<doc>", p.document, "<id>", p.id).Replace(want)
		data, err := p.read()
		if err != nil {
			p.t.Fatalf("waiting for %s: %v", want, err)
		}
		if !sameJSON(p.t, data, []byte(want)) {
			p.t.Fatalf("got  %s\nwant %s", data, want)
		}
	}
}

// expectError checks that the next message refuses with this code.
func (p *peer) expectError(code string) {
	p.t.Helper()
	m := p.receive()
	refusal, _ := m["error"].(map[string]any)
	if refusal["code"] != code {
		p.t.Fatalf("got %v, want an error %s", m, code)
	}
	if sentence, _ := refusal["message"].(string); sentence == "" {
		p.t.Fatalf("the error %v says nothing", m)
	}
}

// expectClosed checks that the server closes the connection with this code, whatever it says before.
func (p *peer) expectClosed(code int) {
	p.t.Helper()
	for {
		_, err := p.read()
		if err == nil {
			continue
		}
		if !websocket.IsCloseError(err, code) {
			p.t.Fatalf("the connection ended with %v, want close code %d", err, code)
		}
		return
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	canonical := func(data []byte) []byte {
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		out, _ := json.Marshal(v)
		return out
	}
	return bytes.Equal(canonical(a), canonical(b))
}
