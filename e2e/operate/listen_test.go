package operate

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/quire-editor/quire/e2e/quire"
)

// Over a Unix socket the server answers requests and WebSockets, health finds it, and the next server takes the socket over from
// one that was killed.
func TestServerOnAUnixSocket(t *testing.T) {
	folder := t.TempDir()
	data, socket := filepath.Join(folder, "data"), filepath.Join(folder, "s")
	start := func() *quire.Process {
		p, err := quire.Start(bin, data, "unix:"+socket)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	dial := func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", socket) }
	web := http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	p := start()
	resp, err := web.Post("http://quire/api/v1/documents", "application/json", strings.NewReader(`{"kind":"text"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	id := filepath.Base(resp.Header.Get("Location"))
	conn, _, err := (&websocket.Dialer{NetDialContext: dial}).Dial("ws://quire/ws/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"a":"f","c":"documents","d":"`+id+`"}`)); err != nil {
		t.Fatal(err)
	}
	if _, answer, err := conn.ReadMessage(); err != nil || !strings.Contains(string(answer), `"v":1`) {
		t.Errorf("%s (%v)", answer, err)
	}
	conn.Close()
	run(t, 0, "health", "--listen", "unix:"+socket)
	st, err := os.Stat(socket)
	if err != nil || st.Mode().Perm() != 0o660 {
		t.Errorf("the socket has mode %v (%v)", st.Mode(), err)
	}
	if o := quire.Run(t, bin, "serve", "--data", filepath.Join(folder, "other"), "--listen", "unix:"+socket); !strings.Contains(o.Err, "another server does") {
		t.Errorf("a second server on the socket: %s", o.Err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if o := run(t, 1, "health", "--listen", "unix:"+socket); !strings.Contains(o.Err, "does not answer") {
		t.Error(o.Err)
	}
	p = start()
	run(t, 0, "health", "--listen", "unix:"+socket)
	if err := p.Terminate(); err != nil {
		t.Fatal(err)
	}
}

// Proxies may speak HTTP/2 to the server.
func TestServerSpeaksHTTP2WithoutEncryption(t *testing.T) {
	s := newSite(t)
	var only http.Protocols
	only.SetUnencryptedHTTP2(true)
	web := http.Client{Transport: &http.Transport{Protocols: &only}}
	resp, err := web.Post(s.URL+"/api/v1/documents", "application/json", strings.NewReader(`{"kind":"text","text":"by two"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.ProtoMajor != 2 || resp.StatusCode != http.StatusCreated {
		t.Fatalf("answered by %s with %s", resp.Proto, resp.Status)
	}
	text, err := web.Get(s.URL + resp.Header.Get("Location") + "/text")
	if err != nil {
		t.Fatal(err)
	}
	defer text.Body.Close()
	if body, err := io.ReadAll(text.Body); err != nil || string(body) != "by two" {
		t.Errorf("%q (%v)", body, err)
	}
}
