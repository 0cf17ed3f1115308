// Package operate runs the commands of an operator against the real server, while people type and after it was killed.
package operate

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/quire-editor/quire/e2e/client"
	"github.com/quire-editor/quire/e2e/quire"
	"github.com/quire-editor/quire/ot"
)

const patience = 60 * time.Second

// bin is the binary under test, built once.
var bin string

var distantFuture = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "quire-operate-")
	if err == nil {
		bin, err = quire.BuildInto(folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// site is a server on data of its own.
type site struct {
	*quire.Process
	t    *testing.T
	data string
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, data: filepath.Join(t.TempDir(), "data")}
	s.start()
	t.Cleanup(func() {
		if s.Process != nil {
			_ = s.Kill()
		}
	})
	return s
}

func (s *site) start() {
	s.t.Helper()
	p, err := quire.Start(bin, s.data, "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.Process = p
}

func (s *site) stop() {
	s.t.Helper()
	if err := s.Terminate(); err != nil {
		s.t.Fatal(err)
	}
	s.Process = nil
}

// run runs a command on the site's data and expects an exit code.
func (s *site) run(code int, command string, args ...string) quire.Outcome {
	s.t.Helper()
	return run(s.t, code, append([]string{command, "--data", s.data}, args...)...)
}

func run(t *testing.T, code int, args ...string) quire.Outcome {
	t.Helper()
	o := quire.Run(t, bin, args...)
	if o.Code != code {
		t.Fatalf("quire %q ended with %d, not %d:\n%s%s", args, o.Code, code, o.Out, o.Err)
	}
	return o
}

func (s *site) create(kind string) string {
	s.t.Helper()
	id, err := s.Create(kind)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// typist is somebody who types letters, each after the one before is stored.
type typist struct {
	link  *client.Link
	ended chan error
	stop  chan struct{}
}

func (s *site) typist(document string) *typist {
	p := &typist{client.Connect(s.Socket(document), client.New(document)), make(chan error, 1), make(chan struct{})}
	s.t.Cleanup(p.link.Close)
	go func() { p.ended <- p.work() }()
	return p
}

func (p *typist) work() error {
	for n := 0; ; n++ {
		select {
		case <-p.stop:
			return p.settled()
		default:
		}
		if err := p.settled(); err != nil {
			return err
		}
		letter := ot.Delta{ot.InsertText(string(rune('a'+n%26)), ot.Attributes{})}
		if err := p.link.Do(func(c *client.Client) error { _, err := c.Edit(letter); return err }); err != nil {
			return err
		}
	}
}

func (p *typist) settled() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return p.link.Wait(ctx, "all is stored", func(c *client.Client) bool { return c.Loaded() && c.Settled() })
}

func (p *typist) finish(t *testing.T) {
	t.Helper()
	close(p.stop)
	if err := <-p.ended; err != nil {
		t.Fatal(err)
	}
}

// text reads a document's text out of a data folder.
func text(t *testing.T, data, document string) string {
	t.Helper()
	return run(t, 0, "export", "--data", data, "--text", document, "-").Out
}

// addPicture adds a picture of a width and returns its address.
func (s *site) addPicture(document string, width int) string {
	s.t.Helper()
	var body bytes.Buffer
	if err := png.Encode(&body, image.NewGray(image.Rect(0, 0, width, 1))); err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.Post(s.URL+"/api/v1/documents/"+document+"/images", "image/png", &body)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		s.t.Fatalf("the picture was answered %s", resp.Status)
	}
	return resp.Header.Get("Location")
}

// say adds a message to a document.
func (s *site) say(document, words string) {
	s.t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial(s.Socket(document), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	m := fmt.Sprintf(`{"a":"q:chat","c":"documents","d":%q,"id":%q,"m":{"text":%q}}`, document, words, words)
	if err := conn.WriteMessage(websocket.TextMessage, []byte(m)); err != nil {
		s.t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	if _, answer, err := conn.ReadMessage(); err != nil || !strings.Contains(string(answer), words) {
		s.t.Fatalf("the message was answered %s (%v)", answer, err)
	}
}

// put makes a document's text another and returns how that was answered.
func (s *site) put(document, to string) (status int, body string) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodPut, s.URL+"/api/v1/documents/"+document+"/text", strings.NewReader(to))
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// replace makes a document's text another.
func (s *site) replace(document, to string) {
	s.t.Helper()
	if status, answer := s.put(document, to); status != http.StatusOK {
		s.t.Fatalf("PUT was answered %d %s", status, answer)
	}
}

// post sends JSON to an address of a document.
func (s *site) post(document, address, body string) {
	s.t.Helper()
	resp, err := http.Post(s.URL+"/api/v1/documents/"+document+"/"+address, "application/json", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		s.t.Fatalf("%s was answered %s", address, resp.Status)
	}
}

func (s *site) get(document, address string) string {
	s.t.Helper()
	resp, err := http.Get(s.URL + "/api/v1/documents/" + document + "/" + address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(body)
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
