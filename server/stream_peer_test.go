package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// httpConn is a peer's connection over HTTP, as PROTOCOL.md has it.
type httpConn struct {
	address string
	client  *http.Client
	header  http.Header
	// written is how many messages have been sent, has the number of the last received.
	written, has uint64
	received     chan []byte
	stop         context.CancelFunc
	deadline     time.Time

	mu  sync.Mutex
	err error
}

// openStream opens a stream for a document, or for any.
func (ts *testServer) openStream(header http.Header, document string) *httpConn {
	ts.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	h := &httpConn{
		client: &http.Client{Transport: &http.Transport{}}, header: header.Clone(), received: make(chan []byte), stop: stop,
	}
	resp, body, err := h.do(ctx, http.MethodPost, ts.web.URL+"/stream?document="+document, nil, nil)
	if err != nil || resp.StatusCode != http.StatusCreated {
		ts.t.Fatalf("open: %v %s", err, body)
	}
	if h.header == nil {
		h.header = http.Header{}
	}
	var opened struct{ Key string }
	if err := json.Unmarshal(body, &opened); err != nil {
		ts.t.Fatal(err)
	}
	h.header.Set(streamKey, opened.Key)
	h.address = ts.web.URL + resp.Header.Get("Location")
	go h.listen(ctx)
	return h
}

func (h *httpConn) do(ctx context.Context, method, url string, body []byte, header http.Header) (*http.Response, []byte, error) {
	resp, err := h.send(ctx, method, url, body, header)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp, answer, err
}

func (h *httpConn) send(ctx context.Context, method, url string, body []byte, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range h.header {
		req.Header[name] = values
	}
	for name, values := range header {
		req.Header[name] = values
	}
	return h.client.Do(req)
}

// WriteMessage sends one message.
func (h *httpConn) WriteMessage(_ int, data []byte) error {
	h.written++
	resp, body, err := h.do(context.Background(), http.MethodPost, fmt.Sprintf("%s?first=%d", h.address, h.written), data,
		http.Header{"Content-Type": {ndjson}})
	if err == nil && resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusGone {
		err = fmt.Errorf("%d %s", resp.StatusCode, body)
	}
	return err
}

// ReadMessage returns the next message, or how the stream ended.
func (h *httpConn) ReadMessage() (int, []byte, error) {
	select {
	case data, ok := <-h.received:
		if ok {
			return websocket.TextMessage, data, nil
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		return 0, nil, h.err
	case <-time.After(time.Until(h.deadline)):
		return 0, nil, errors.New("nothing came")
	}
}

// SetReadDeadline says until when ReadMessage waits.
func (h *httpConn) SetReadDeadline(t time.Time) error {
	h.deadline = t
	return nil
}

// Close goes away.
func (h *httpConn) Close() error {
	h.stop()
	_, _, err := h.do(context.Background(), http.MethodDelete, h.address, nil, nil)
	h.client.CloseIdleConnections()
	return err
}

// listen reads until the stream ends.
func (h *httpConn) listen(ctx context.Context) {
	defer close(h.received)
	for {
		read := h.events
		if *over == "polling" {
			read = h.poll
		}
		if err := read(ctx); err != nil {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.err = err
			return
		}
	}
}

func (h *httpConn) pass(ctx context.Context, message []byte) {
	h.has++
	select {
	case h.received <- message:
	case <-ctx.Done():
	}
}

func (h *httpConn) poll(ctx context.Context) error {
	resp, body, err := h.do(ctx, http.MethodGet, fmt.Sprintf("%s?has=%d", h.address, h.has), nil, nil)
	if err != nil {
		return err
	}
	var answer struct {
		First     uint64
		Messages  []json.RawMessage
		CloseCode int
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	switch {
	case answer.CloseCode != 0:
		return &websocket.CloseError{Code: answer.CloseCode}
	case resp.StatusCode != http.StatusOK || answer.First != h.has+1:
		return fmt.Errorf("after %d: %d %s", h.has, resp.StatusCode, body)
	}
	for _, m := range answer.Messages {
		h.pass(ctx, m)
	}
	return nil
}

func (h *httpConn) events(ctx context.Context) error {
	resp, err := h.send(ctx, http.MethodGet, h.address, nil, http.Header{
		"Accept": {eventStream}, "Last-Event-Id": {fmt.Sprint(h.has)},
	})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		var p problemDetails
		if err := json.NewDecoder(resp.Body).Decode(&p); err == nil && p.CloseCode != 0 {
			return &websocket.CloseError{Code: p.CloseCode}
		}
		return fmt.Errorf("events: %s", resp.Status)
	}
	return eachEvent(resp.Body, func(id, name string, data []byte) error {
		if name == "close" {
			var c closure
			if err := json.Unmarshal(data, &c); err != nil {
				return err
			}
			return &websocket.CloseError{Code: c.Code, Text: c.Reason}
		}
		if want := fmt.Sprint(h.has + 1); id != want {
			return fmt.Errorf("event %s came, not %s", id, want)
		}
		h.pass(ctx, data)
		return nil
	})
}

// eachEvent calls fn for each of the events that are read.
func eachEvent(r io.Reader, fn func(id, name string, data []byte) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<20)
	var id, name string
	var data []byte
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "id":
			id = value
		case "event":
			name = value
		case "data":
			data = append(append(data, value...), '\n')
		case "":
			if len(data) > 0 {
				if err := fn(id, name, bytes.TrimSuffix(data, []byte{'\n'})); err != nil {
					return err
				}
			}
			id, name, data = "", "", nil
		}
	}
	return lines.Err()
}
