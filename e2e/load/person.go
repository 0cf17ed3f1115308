package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/quire-editor/quire/e2e/client"
	"github.com/quire-editor/quire/ot"
)

// person is somebody with one document open. What is received is handled in the goroutine that reads, the next edit
// included, so that the load costs as little as it can.
type person struct {
	document string
	meter    *meter

	mu     sync.Mutex
	client *client.Client
	conn   *websocket.Conn
	err    error
	// chain says to make the next edit when the one before is acknowledged.
	chain bool
	edits int
	// made are the edits that are not acknowledged, oldest first.
	made []made
	// changed is closed and replaced after every message.
	changed chan struct{}
	done    chan struct{}
}

// made is when an edit was made and under which sequence number it travels.
type made struct {
	seq uint64
	at  time.Time
}

// newPerson returns somebody without a connection. What the document's other people have read need not be read again.
func newPerson(document string, m *meter, r *client.Readings) *person {
	p := &person{document: document, meter: m, client: client.New(document), changed: make(chan struct{})}
	p.client.Readings = r
	p.client.Acknowledged = p.acknowledged
	p.client.Seen = func(uint64, string, uint64) { m.delivered.Add(1) }
	return p
}

var dialer = websocket.Dialer{HandshakeTimeout: patience, ReadBufferSize: 8 << 10, WriteBufferSize: 1 << 10}

// address is that of a document's socket.
func address(url, document string) string { return strings.ReplaceAll(url, "{document}", document) }

// connect opens a connection and begins to read.
func (p *person) connect(ctx context.Context, url string) error {
	conn, _, err := dialer.DialContext(ctx, address(url, p.document), nil)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conn, p.done = conn, make(chan struct{})
	p.client.Connected(func(message []byte) {
		_ = conn.WriteMessage(websocket.TextMessage, message) // a failure shows when reading
	})
	go p.read(conn, p.done)
	return nil
}

// read is the goroutine of one connection; it ends with it.
func (p *person) read(conn *websocket.Conn, done chan struct{}) {
	defer close(done)
	var message bytes.Buffer // used again
	for {
		_, reader, err := conn.NextReader()
		if err == nil {
			message.Reset()
			_, err = message.ReadFrom(reader)
		}
		if !p.receive(message.Bytes(), err) {
			return
		}
	}
}

func (p *person) receive(message []byte, err error) (open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		if err = p.client.Receive(message); err != nil {
			p.err = err
		}
	}
	if err != nil {
		p.client.Disconnected()
	}
	p.tell()
	return err == nil
}

// tell lets waiters look again. Called with mu held.
func (p *person) tell() {
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

// wait returns when holds says true of the client.
func (p *person) wait(ctx context.Context, what string, holds func(*client.Client) bool) error {
	for {
		p.mu.Lock()
		ok, err := holds(p.client), p.err
		if p.changed == nil {
			p.changed = make(chan struct{})
		}
		changed := p.changed
		p.mu.Unlock()
		if err != nil || ok {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w", what, ctx.Err())
		}
	}
}

// disconnect drops the connection without a word.
func (p *person) disconnect() {
	p.mu.Lock()
	conn, done := p.conn, p.done
	p.mu.Unlock()
	if conn != nil {
		conn.NetConn().Close()
		<-done
	}
}

// typeOne makes an edit as of at.
func (p *person) typeOne(at time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.edit(at)
}

// edit inserts a letter anywhere before the final newline. Called with mu held.
func (p *person) edit(at time.Time) error {
	letter := ot.InsertText(string(rune('a'+rand.IntN(26))), ot.Attributes{})
	delta := ot.Delta{letter}
	if caret := rand.IntN(p.client.Text().Len()); caret > 0 {
		delta = ot.Delta{ot.RetainOp(caret, ot.Attributes{}), letter}
	}
	seq, err := p.client.Edit(delta)
	if err != nil {
		p.err = err
		return err
	}
	p.edits++
	p.made = append(p.made, made{seq, at})
	return nil
}

// acknowledged is called with mu held.
func (p *person) acknowledged(seq, _ uint64) {
	now := time.Now()
	n := 0
	for ; n < len(p.made) && p.made[n].seq <= seq; n++ {
		p.meter.took(now.Sub(p.made[n].at))
	}
	p.made = append(p.made[:0], p.made[n:]...)
	if p.chain {
		p.err = errors.Join(p.err, p.edit(now))
	}
}

// keepTyping makes edits until stopTyping: one after the other, or at a rate.
func (p *person) keepTyping(ctx context.Context, rate float64) {
	if rate == 0 {
		p.mu.Lock()
		p.chain = true
		p.mu.Unlock()
		_ = p.typeOne(time.Now())
		return
	}
	go func() {
		gap := time.Duration(float64(time.Second) / rate)
		pass(ctx, time.Duration(rand.Int64N(int64(gap)))) // people do not type at the same moments
		tick := time.NewTicker(gap)
		defer tick.Stop()
		for {
			select {
			case at := <-tick.C:
				_ = p.typeOne(at) // a failure is in p.err
			case <-ctx.Done():
				return
			}
		}
	}()
}

func (p *person) stopTyping() {
	p.mu.Lock()
	p.chain = false
	p.mu.Unlock()
}
