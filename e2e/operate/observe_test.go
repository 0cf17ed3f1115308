package operate

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/quire-editor/quire/e2e/quire"
)

// figures reads what the server tells Prometheus; histograms under their _count.
func figures(t *testing.T, admin string) map[string]float64 {
	t.Helper()
	resp, err := http.Get("http://" + admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, line := range regexp.MustCompile(`(?m)^(quire_[^ ]+) (\S+)$`).FindAllStringSubmatch(string(body), -1) {
		if all[line[1]], err = strconv.ParseFloat(line[2], 64); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// What Prometheus is told is what happened.
func TestFiguresSayWhatHappened(t *testing.T) {
	admin := freeAddress(t)
	s := &site{t: t, data: filepath.Join(t.TempDir(), "data")}
	var err error
	if s.Process, err = quire.Start(bin, s.data, "127.0.0.1:0", "--admin-listen", admin); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Kill() })
	id := s.create("text")
	for range 5 {
		s.replace(id, "one")
		s.replace(id, "two")
	}
	conn := s.dial(id)
	for _, m := range []string{`{"a":"s","c":"documents","d":"` + id + `"}`, `{"a":"op","c":"documents","d":"` + id + `","v":999,"seq":1,"op":[]}`} {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(m)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := conn.ReadMessage(); err != nil {
			t.Fatal(err)
		}
	}
	got := figures(t, admin)
	for name, want := range map[string]float64{
		"quire_edits_total":       10,
		"quire_ack_seconds_count": 10,
		"quire_rooms":             1,
		"quire_sessions":          1,
		"quire_people":            1,
		"quire_room_text_units":   3,
		"quire_commit_queue":      0,
		"quire_journal_stuck":     0,
		`quire_http_requests_total{route="/api/v1/documents/:document/text",status="200"}`: 10,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	for _, name := range []string{"quire_commit_seconds_count", "quire_fsync_seconds_count", "quire_commit_batch_count", "quire_journal_bytes", "quire_main_bytes"} {
		if got[name] <= 0 {
			t.Errorf("%s is %v", name, got[name])
		}
	}
	refused := 0.0
	for name, n := range got {
		if strings.HasPrefix(name, "quire_refusals_total{") {
			refused += n
		}
	}
	if refused != 1 {
		t.Errorf("%v refusals", refused)
	}
}

// The dashboard that we publish asks for figures that exist.
func TestPublishedDashboardAsksForFiguresThatExist(t *testing.T) {
	admin := freeAddress(t)
	p, err := quire.Start(bin, filepath.Join(t.TempDir(), "data"), "127.0.0.1:0", "--admin-listen", admin)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Kill()
	resp, err := http.Get("http://" + admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	served, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	// Counters with labels appear with the first that is counted.
	known := string(served) + " quire_refusals_total quire_http_requests_total"
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(read(t, deploy+"grafana.json"), &dashboard); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			for _, name := range regexp.MustCompile(`\b(quire|go|process)_[a-z_]+`).FindAllString(target.Expr, -1) {
				asked++
				if !strings.Contains(known, name) {
					t.Errorf("%q asks for %s, which is not served", panel.Title, name)
				}
			}
		}
	}
	if asked < 10 {
		t.Errorf("the dashboard asks for %d figures only", asked)
	}
}

// The log names documents, sessions and requests, and has nothing of what people write and nothing that lets anybody in.
func TestTheLogHasNoTextAndNoTokens(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p, err := quire.Start(bin, data, "127.0.0.1:0", "--log-level", "debug", "--log-format", "json")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{Process: p, t: t, data: data}
	resp, err := http.Post(p.URL+"/api/v1/documents?token=secret-query", "application/json", strings.NewReader(`{"kind":"text","title":"secret title","text":"secret text"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	id, cookie := filepath.Base(resp.Header.Get("Location")), resp.Cookies()[0].Value
	s.replace(id, "secret change")
	s.say(id, "secret message")
	conn := s.dial(id)
	for _, m := range []string{`{"a":"hs","id":"secret-client-id","protocol":1,"protocolMinor":2}`, `secret nonsense`} {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(m)); err != nil {
			t.Fatal(err)
		}
		_, _, _ = conn.ReadMessage()
	}
	conn.Close()
	request, err := http.Get(p.URL + "/api/v1/documents/" + id)
	if err != nil {
		t.Fatal(err)
	}
	request.Body.Close()
	if err := p.Terminate(); err != nil {
		t.Fatal(err)
	}
	log := string(read(t, data+".log"))
	for _, secret := range []string{"secret", cookie, strings.SplitN(cookie, ".", 2)[1]} {
		if strings.Contains(log, secret) {
			t.Errorf("%q is in the log:\n%s", secret, log)
		}
	}
	for _, needed := range []string{`"document":"` + id, `"session":1`, `"request":"` + request.Header.Get("X-Request-Id") + `"`} {
		if !strings.Contains(log, needed) {
			t.Errorf("%s is not in the log:\n%s", needed, log)
		}
	}
	for line := range strings.Lines(log) {
		if !json.Valid([]byte(line)) {
			t.Errorf("this line is no JSON: %s", line)
		}
	}
}

func (s *site) dial(document string) *websocket.Conn {
	s.t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial(s.Socket(document), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	return conn
}
