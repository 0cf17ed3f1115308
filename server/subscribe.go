package server

import (
	"fmt"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/wire"
)

// fetch shows a member the document, or what it missed since the version it knows.
func (r *Room) fetch(m *member, req *wire.Request) {
	if req.Version == nil {
		r.show(m, req, nil)
		return
	}
	r.inTurn(m, func() {
		if r.catchUp(m, req) {
			m.send(wire.Reply(req))
		}
	})
}

// subscribe is a fetch after which the member gets every later record: no gap, no duplicate.
func (r *Room) subscribe(m *member, req *wire.Request) {
	if req.Version == nil {
		r.show(m, req, func(revision uint64) { m.subscribed, m.next = true, revision })
		return
	}
	r.inTurn(m, func() {
		if r.catchUp(m, req) {
			m.subscribed, m.next = true, r.durable
			m.send(wire.Reply(req))
		}
	})
}

func (r *Room) unsubscribe(m *member, req *wire.Request) {
	r.inTurn(m, func() {
		m.subscribed = false
		m.send(wire.Reply(req))
	})
}

// show sends the document as it is now, once that is durable, and then calls shown with its revision.
func (r *Room) show(m *member, req *wire.Request, shown func(revision uint64)) {
	s := r.head.frozen()
	r.whenShown(m, func() {
		snapshot := wire.Snapshot{Version: s.revision, Exists: s.exists}
		if s.exists {
			snapshot.Data = s.text.Delta()
		}
		m.send(wire.SnapshotReply(req, snapshot))
		if shown != nil {
			shown(s.revision)
		}
	})
}

// catchUp sends the durable records from the requested version on. It answers false after a refusal.
func (r *Room) catchUp(m *member, req *wire.Request) bool {
	if *req.Version > r.durable {
		m.send(wire.ErrorReply(req, &wire.Error{
			Code:    wire.CodeVersionAhead,
			Message: fmt.Sprintf("version %d is ahead of the document, which is at %d; load it again", *req.Version, r.durable),
		}))
		return false
	}
	if err := r.sendRecords(m, *req.Version, r.durable); err != nil {
		r.fail(err)
		return false
	}
	return true
}

// sendRecords sends a member the records from <= revision < to. Its own carry its own id: that is how a client finds out
// that work it has no acknowledgement for did arrive.
func (r *Room) sendRecords(m *member, from, to uint64) error {
	return r.each(from, to, func(rec record) error {
		src := rec.src
		if id, own := m.ownID(src); own {
			src = id
		}
		m.send(wire.OpMessage(rec.op(r.document, src)))
		return nil
	})
}

// View is a document as it was at a durable revision.
type View struct {
	Revision uint64
	Exists   bool
	meta     metadata
	text     *ot.Document
}

// View calls f with the document as it is now, once that is durable. f may keep what it gets.
func (r *Room) View(f func(View)) {
	s, meta := r.head.frozen(), r.meta
	r.whenDurable(func() { f(View{s.revision, s.exists, meta, s.text}) })
}
