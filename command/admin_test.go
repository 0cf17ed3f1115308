package command

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/quire-editor/quire/server"
	"github.com/quire-editor/quire/store"
)

func TestFiguresAndProfilesAreServedUntilTheServerEnds(t *testing.T) {
	st, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	serveAdmin(ctx, listener, server.New(server.Options{Store: st}), "v1", slog.New(slog.DiscardHandler))
	url := "http://" + listener.Addr().String()
	for address, want := range map[string]string{
		"/debug/pprof/goroutine?debug=1": "goroutine profile",
		"/metrics":                       `quire_build_info{version="v1"} 1`,
		"/healthz":                       "ok",
		"/readyz":                        "ready",
	} {
		resp, err := http.Get(url + address)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %s %.100s (%v)", address, resp.Status, body, err)
		}
	}
	end()
	for { // it ends in a moment
		resp, err := http.DefaultClient.Do(mustRequest(t, url+"/healthz"))
		if err != nil {
			return
		}
		resp.Body.Close()
	}
}

func mustRequest(t *testing.T, url string) *http.Request {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	return req
}
