// Package client is a small ShareDB client for one document, for tests and for load. It behaves as browsers do: one edit in
// flight, what is made meanwhile composed into the next, unacknowledged work sent again under the same identity after a
// reconnect.
//
// Client holds the protocol and no I/O, so that a simulation can drive it; Link connects one over a real WebSocket.
package client

import (
	"encoding/json"
	"fmt"

	"github.com/quire-editor/quire/ot"
)

const (
	collection = "documents"
	richText   = "http://sharejs.org/types/rich-text/v1"
)

// Client is one person's copy of a document. It belongs to one goroutine.
type Client struct {
	document string
	// id is the secret by which the server knows this client; "" before the first handshake.
	id  string
	seq uint64
	// version is the newest revision this copy has seen; meaningful once loaded.
	version uint64
	loaded  bool
	// text is the document with everything this client did to it.
	text     *ot.Document
	inflight *edit
	pending  ot.Delta

	send func([]byte)
	// decoder and decoded are used again for each record.
	decoder ot.Decoder
	decoded ot.Delta

	// Readings, if it is not nil, is shared with other clients of the document.
	Readings *Readings
	// Acknowledged is called for each own edit that the server has stored, if it is not nil.
	Acknowledged func(seq, version uint64)
	// Seen is called for each record in the order of versions, own ones included, if it is not nil.
	Seen func(version uint64, src string, seq uint64)
}

// edit is work that was sent and not acknowledged. It keeps its identity for ever.
type edit struct {
	seq   uint64
	delta ot.Delta
}

// New returns a client that knows nothing of the document yet.
func New(document string) *Client {
	return &Client{document: document, text: ot.NewDocument(), decoder: ot.Decoder{Limits: ot.DefaultLimits}}
}

// Connected begins a conversation over a new connection.
func (c *Client) Connected(send func([]byte)) {
	c.send = send
	id := "null"
	if c.id != "" {
		id = string(ot.AppendQuoted(nil, c.id))
	}
	c.send([]byte(`{"a":"hs","id":` + id + `,"protocol":1,"protocolMinor":2}`))
}

// Disconnected ends it. Work goes on; it is sent after the next Connected.
func (c *Client) Disconnected() { c.send = nil }

// ID returns the client's secret; "" before the first handshake.
func (c *Client) ID() string { return c.id }

// Loaded says whether the document has arrived.
func (c *Client) Loaded() bool { return c.loaded }

// Version returns the newest revision this copy has seen.
func (c *Client) Version() uint64 { return c.version }

// Text returns the client's copy, its own unacknowledged work included.
func (c *Client) Text() *ot.Document { return c.text }

// Settled says that everything this client did is stored.
func (c *Client) Settled() bool { return c.inflight == nil && c.pending == nil }

// Edit changes the client's copy and sends the change as soon as nothing else is in flight. It returns the sequence number
// under which the change will be acknowledged.
func (c *Client) Edit(d ot.Delta) (seq uint64, err error) {
	if err := c.text.Apply(d); err != nil {
		return 0, fmt.Errorf("own edit: %w", err)
	}
	if c.pending == nil {
		c.pending = d
	} else {
		c.pending = ot.Compose(c.pending, d)
	}
	seq = c.seq + 1
	c.flush()
	return seq, nil
}

func (c *Client) flush() {
	if c.send == nil || !c.loaded || c.inflight != nil || c.pending == nil {
		return
	}
	c.seq++
	c.inflight, c.pending = &edit{c.seq, c.pending}, nil
	c.transmit()
}

func (c *Client) transmit() {
	b := fmt.Appendf(nil, `{"a":"op","c":%q,"d":%q,"v":%d,"src":%q,"seq":%d,"x":{},"op":`,
		collection, c.document, c.version, c.id, c.inflight.seq)
	b = ot.AppendJSON(b, c.inflight.delta)
	c.send(append(b, '}'))
}

func (c *Client) subscribe() {
	version := "null"
	if c.loaded {
		version = fmt.Sprint(c.version)
	}
	c.send(fmt.Appendf(nil, `{"a":"s","c":%q,"d":%q,"v":%s}`, collection, c.document, version))
}

// Receive handles one message. An error means that this copy can no longer be trusted, or that the server refused something.
func (c *Client) Receive(data []byte) error {
	if m, delta, known := c.Readings.of(c.version, data); known && c.loaded && m.Src != c.id {
		c.step(m)
		return c.remote(delta)
	}
	m, err := parse(data, c.id)
	if err != nil {
		return fmt.Errorf("message %.200s: %w", data, err)
	}
	if m.Error != nil {
		return m.Error
	}
	switch m.Action {
	case "hs":
		return c.greeted(m)
	case "s":
		return c.subscribed(m)
	case "op":
		return c.record(m, data)
	}
	return nil
}

// greeted goes on as a browser does: what was in flight first, then the subscription.
func (c *Client) greeted(m message) error {
	if err := json.Unmarshal(m.ID, &c.id); err != nil {
		return fmt.Errorf("handshake id: %w", err)
	}
	if c.inflight != nil {
		c.transmit()
	}
	c.subscribe()
	return nil
}

func (c *Client) subscribed(m message) error {
	if m.Data != nil {
		if m.Data.Type == nil {
			return fmt.Errorf("document %s does not exist", c.document)
		}
		content, err := ot.DecodeJSON(m.Data.Data, ot.DefaultLimits)
		if err != nil {
			return fmt.Errorf("snapshot: %w", err)
		}
		if c.text, err = ot.DocumentFromDelta(content); err != nil {
			return fmt.Errorf("snapshot: %w", err)
		}
		c.version, c.loaded = m.Data.Version, true
	}
	c.flush()
	return nil
}

func (c *Client) record(m message, data []byte) error {
	switch {
	case !c.loaded || m.Version < c.version:
		return nil // seen already
	case m.Version > c.version:
		return fmt.Errorf("at version %d the server sent %d: a record is missing", c.version, m.Version)
	case c.inflight != nil && m.Src == c.id && m.Seq == c.inflight.seq:
		c.acknowledged(m)
		return nil
	case m.Src == c.id:
		return fmt.Errorf("own edit %d came back at version %d while another was in flight", m.Seq, m.Version)
	case m.Delete || m.Create:
		return fmt.Errorf("the document was deleted or created at version %d", m.Version)
	}
	delta, err := c.decoder.AppendJSON(c.decoded[:0], m.Op)
	if err != nil {
		return fmt.Errorf("record %d: %w", m.Version, err)
	}
	c.decoded = delta
	c.Readings.keep(m, data, delta)
	c.step(m)
	return c.remote(delta)
}

func (c *Client) acknowledged(m message) {
	c.step(m)
	c.inflight = nil
	if c.Acknowledged != nil {
		c.Acknowledged(m.Seq, m.Version)
	}
	c.flush()
}

func (c *Client) step(m message) {
	if c.Seen != nil {
		c.Seen(m.Version, m.Src, m.Seq)
	}
	c.version++
}

// remote applies somebody else's edit beneath the own work that the server does not have yet. What is committed wins ties.
func (c *Client) remote(d ot.Delta) error {
	if c.inflight != nil {
		mine := c.inflight.delta
		c.inflight.delta = ot.Transform(d, mine, true)
		d = ot.Transform(mine, d, false)
	}
	if c.pending != nil {
		mine := c.pending
		c.pending = ot.Transform(d, mine, true)
		if c.pending == nil {
			c.pending = ot.Delta{} // an edit that became empty still takes its turn
		}
		d = ot.Transform(mine, d, false)
	}
	if err := c.text.Apply(d); err != nil {
		return fmt.Errorf("record before version %d does not fit: %w", c.version, err)
	}
	return nil
}
