package command

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestProfilesAreServedUntilTheServerEnds(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	serveAdmin(ctx, listener, slog.New(slog.DiscardHandler))
	url := "http://" + listener.Addr().String() + "/debug/pprof/goroutine?debug=1"
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || !strings.Contains(string(body), "goroutine profile") {
		t.Fatalf("%s: %.100s (%v)", resp.Status, body, err)
	}
	end()
	for { // it ends in a moment
		resp, err := http.DefaultClient.Do(mustRequest(t, url))
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
