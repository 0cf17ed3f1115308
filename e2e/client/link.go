package client

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Link keeps a Client connected to a server over WebSocket, coming back after every interruption until it is closed.
type Link struct {
	url string

	mu     sync.Mutex
	client *Client
	conn   *websocket.Conn
	err    error
	// changed is closed and replaced whenever the client's state may have changed.
	changed chan struct{}

	cancel context.CancelFunc
	done   chan struct{}
}

// Connect begins to keep a client connected to a document's address, ws://host/ws/{document}. The client must not be
// touched afterwards but through Do.
func Connect(url string, c *Client) *Link {
	ctx, cancel := context.WithCancel(context.Background())
	l := &Link{url: url, client: c, changed: make(chan struct{}), cancel: cancel, done: make(chan struct{})}
	go l.run(ctx)
	return l
}

// Do runs f with the client while nothing else touches it.
func (l *Link) Do(f func(*Client) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := f(l.client)
	l.poke()
	return err
}

// Wait returns when holds says true of the client, or an error when the client broke or ctx ended before.
func (l *Link) Wait(ctx context.Context, what string, holds func(*Client) bool) error {
	for {
		l.mu.Lock()
		ok, err, changed := holds(l.client), l.err, l.changed
		l.mu.Unlock()
		if err != nil {
			return err
		}
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w", what, ctx.Err())
		}
	}
}

// Drop cuts the connection as a network would. The link comes back by itself.
func (l *Link) Drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		_ = l.conn.NetConn().Close()
	}
}

// Close ends the link and waits for its goroutine.
func (l *Link) Close() {
	l.cancel()
	l.Drop()
	<-l.done
}

// poke tells waiters to look again. Called with mu held.
func (l *Link) poke() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// run is the link's goroutine: connect, converse until interrupted, wait a little, again.
func (l *Link) run(ctx context.Context) {
	defer close(l.done)
	for ctx.Err() == nil {
		if conn, _, err := websocket.DefaultDialer.DialContext(ctx, l.url, http.Header{}); err == nil {
			l.converse(conn)
		}
		l.mu.Lock()
		broken := l.err != nil
		l.mu.Unlock()
		if broken {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(5+rand.IntN(20)) * time.Millisecond):
		}
	}
}

func (l *Link) converse(conn *websocket.Conn) {
	defer conn.Close()
	l.mu.Lock()
	l.conn = conn
	l.client.Connected(func(message []byte) {
		_ = conn.WriteMessage(websocket.TextMessage, message) // a failure shows when reading
	})
	l.mu.Unlock()
	for {
		_, data, err := conn.ReadMessage()
		l.mu.Lock()
		if err == nil {
			l.err = l.client.Receive(data)
			err = l.err
		}
		if err != nil {
			l.client.Disconnected()
			l.conn = nil
		}
		l.poke()
		l.mu.Unlock()
		if err != nil {
			return
		}
	}
}
