package server

import (
	"sync"

	"github.com/quire-editor/quire/server/wire"
)

// gathering is the answer to a bulk request while rooms bring it together, each on its own goroutine. A room that has given
// its part has everything else that it says to the connection wait here: nobody is told of a record before the answer that it
// follows.
type gathering struct {
	conn    Conn
	request *wire.Request
	// bulk guards everything here: one for all gatherings of a connection.
	bulk *bulkAnswers
	// parts have been given and not sent; missing says how many are to come.
	parts      map[string]wire.Part
	partsBytes int
	missing    int
	held       []outgoing
	heldBytes  int
	done       bool
}

// bulkAnswers are the bulk requests of a connection that are not answered yet, in the order in which they were asked.
type bulkAnswers struct {
	mu   sync.Mutex
	open []*gathering
}

const (
	// maxBulkAnswer is how many bytes a bulk answer may have before what is there of it is sent.
	maxBulkAnswer = 16 << 20
	// maxHeld is how many bytes may wait for a bulk answer.
	maxHeld = 16 << 20
)

func (b *bulkAnswers) begin(conn Conn, req *wire.Request) *gathering {
	b.mu.Lock()
	defer b.mu.Unlock()
	g := &gathering{conn: conn, request: req, bulk: b, parts: map[string]wire.Part{}, missing: len(req.Documents)}
	b.open = append(b.open, g)
	b.finish()
	return g
}

// give adds the answer to one document.
func (g *gathering) give(part wire.Part) {
	g.bulk.mu.Lock()
	defer g.bulk.mu.Unlock()
	g.parts[part.Document] = part
	g.missing--
	if g.partsBytes += len(part.Snapshot); g.partsBytes > maxBulkAnswer && g.missing > 0 {
		g.sendParts()
	}
	g.bulk.finish()
}

func (g *gathering) sendParts() {
	var parts []wire.Part
	for _, known := range g.request.Documents {
		if part, given := g.parts[known.Document]; given {
			parts = append(parts, part)
		}
	}
	for _, reply := range wire.BulkReplies(g.request, parts) {
		g.conn.Queue("", newMessage(reply))
	}
	clear(g.parts)
	g.partsBytes = 0
}

// finish sends what is complete and not behind anything incomplete. Called with mu held.
func (b *bulkAnswers) finish() {
	for len(b.open) > 0 && b.open[0].missing == 0 {
		g := b.open[0]
		b.open = b.open[1:]
		g.sendParts()
		for _, h := range g.held {
			g.conn.Queue(h.key, h.message)
		}
		g.held, g.done = nil, true
		g.conn.Flush(false)
	}
}

// holds keeps a message until the answer has been sent; false if it has been.
func (g *gathering) holds(key string, m message) bool {
	g.bulk.mu.Lock()
	defer g.bulk.mu.Unlock()
	if g.done {
		return false
	}
	if g.heldBytes += len(m.text); g.heldBytes > maxHeld {
		g.conn.Close(CloseTryAgain, "too much happened before a bulk request could be answered")
		g.held = nil
		return true
	}
	g.held = append(g.held, outgoing{key, m})
	return true
}
