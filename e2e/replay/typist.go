// Package replay types recordings of real people into a running server: one client for each recorded author, over real
// WebSockets, each edit made at the revision at which its author made it.
package replay

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/quire-editor/quire/e2e/client"
)

// typist is a client that hears of the others' edits only when the recording says that its author had.
type typist struct {
	client *client.Client
	conn   *websocket.Conn

	mu   sync.Mutex
	news *sync.Cond
	// heard are messages that have arrived and are not yet told to the client.
	heard [][]byte
	// arrived is one more than the newest version among all messages that have arrived.
	arrived uint64
	err     error
	done    chan struct{}
}

// sit connects a new typist to a document's address and loads the document.
func sit(url, document string) (*typist, error) {
	conn, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		return nil, err
	}
	t := &typist{client: client.New(document), conn: conn, done: make(chan struct{})}
	t.news = sync.NewCond(&t.mu)
	go t.listen()
	t.client.Connected(func(message []byte) { _ = conn.WriteMessage(websocket.TextMessage, message) })
	return t, t.hearUntil(t.client.Loaded)
}

// leave ends the connection and the goroutine that listens to it.
func (t *typist) leave() {
	t.conn.Close()
	<-t.done
}

// listen is the typist's goroutine: it puts aside what arrives.
func (t *typist) listen() {
	defer close(t.done)
	for {
		_, data, err := t.conn.ReadMessage()
		var m struct {
			Action  string  `json:"a"`
			Version *uint64 `json:"v"`
		}
		if err == nil {
			err = json.Unmarshal(data, &m)
		}
		t.mu.Lock()
		if err == nil {
			t.heard = append(t.heard, data)
			if m.Action == "op" && m.Version != nil {
				t.arrived = max(t.arrived, *m.Version+1)
			}
		}
		t.err = err
		t.news.Broadcast()
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// hearUntil tells the client what has arrived, message by message, until enough says so.
func (t *typist) hearUntil(enough func() bool) error {
	for !enough() {
		t.mu.Lock()
		for len(t.heard) == 0 && t.err == nil {
			t.news.Wait()
		}
		if len(t.heard) == 0 {
			t.mu.Unlock()
			return fmt.Errorf("connection: %w", t.err)
		}
		next := t.heard[0]
		t.heard = t.heard[1:]
		t.mu.Unlock()
		if err := t.client.Receive(next); err != nil {
			return err
		}
	}
	return nil
}

// hearWhatIsThere tells the client what has arrived, and does not wait for more.
func (t *typist) hearWhatIsThere() error {
	t.mu.Lock()
	there := len(t.heard)
	t.mu.Unlock()
	return t.hearUntil(func() bool { there--; return there < 0 })
}

// catchUp tells the client of records until it is at a version.
func (t *typist) catchUp(version uint64) error {
	err := t.hearUntil(func() bool { return t.client.Version() >= version })
	if err == nil && t.client.Version() != version {
		err = fmt.Errorf("at version %d, beyond %d", t.client.Version(), version)
	}
	return err
}

// await returns when the record before a version has arrived, without telling the client.
func (t *typist) await(version uint64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.arrived < version {
		if t.err != nil {
			return fmt.Errorf("connection: %w", t.err)
		}
		t.news.Wait()
	}
	return nil
}
