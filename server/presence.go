package server

import (
	"fmt"
	"slices"

	"github.com/quire-editor/quire/server/wire"
)

// presence is one cursor (or one person without a cursor) in the document. The room keeps the newest of each and moves
// it through every edit, so that a newcomer is told where everyone is without asking everyone.
type presence struct {
	owner    *member
	id       string
	sequence uint64
	// cursor stands in the durable revision.
	cursor *wire.Cursor
}

// maxPresences bounds the cursors of one session.
const maxPresences = 16

func (r *Room) presence(m *member, req *wire.Request) {
	switch req.Action {
	case wire.PresenceSubscribe:
		m.listening = true
		m.send(wire.Reply(req))
		r.introduce(m)
		// After a reconnect a client announces its own cursor again only when it is asked.
		m.send(wire.PresenceRequestMessage(req.Channel))
	case wire.PresenceUnsubscribe:
		m.listening = false
		m.send(wire.Reply(req))
		r.clearPresences(m)
	case wire.PresenceRequest:
		r.introduce(m)
	default:
		r.announce(m, req)
	}
}

// introduce tells a member of everyone else. (The stock server asks everyone to announce themselves to everyone, which
// grows with the cube of their number.)
func (r *Room) introduce(m *member) {
	for _, p := range r.presences {
		if p.owner.src != m.src {
			r.sendPresence(m, p, newMessage(r.presenceMessage(p, p.owner.src)))
		}
	}
}

// sendPresence tells m of another's presence. What a slow reader has not been sent of it yet is outdated by this. Whoever is
// being brought up to date is told when it is: a cursor in a version that it has not seen would make it fetch.
func (r *Room) sendPresence(m *member, p *presence, news message) {
	if m.behind != nil && p.cursor != nil {
		m.behind.cursors = true
		return
	}
	m.deliver(r.document+"/"+p.owner.src+"/"+p.id, news)
}

// announce takes a member's new cursor, brings it to the durable revision and tells the others.
func (r *Room) announce(m *member, req *wire.Request) {
	cursor, refusal := r.currentCursor(m, req)
	if refusal != nil {
		m.send(wire.ErrorReply(req, r.metrics.refused(refusal)))
		return
	}
	p := r.ownPresence(m, req.ID)
	known := p != nil && p.cursor.Equal(cursor)
	if p == nil {
		if r.countPresences(m) >= maxPresences {
			m.send(wire.ErrorReply(req, &wire.Error{
				Code:    wire.CodeBadMessage,
				Message: fmt.Sprintf("one connection may have %d cursors in a document", maxPresences),
			}))
			return
		}
		p = &presence{owner: m, id: req.ID}
		r.presences = append(r.presences, p)
	}
	p.owner, p.cursor, p.sequence = m, cursor, req.PresenceVersion
	if cursor == nil {
		r.forget(p)
	}
	m.send(r.presenceMessage(p, m.id))
	if !known { // it may be announced again only because somebody asked
		r.tell(p)
	}
}

// currentCursor moves a cursor from the version that its owner knew to the durable one.
func (r *Room) currentCursor(m *member, req *wire.Request) (*wire.Cursor, *wire.Error) {
	cursor := req.Cursor
	if cursor == nil || !cursor.HasRange || req.Version == nil {
		return cursor, nil
	}
	switch version := *req.Version; {
	case version > r.durable:
		return nil, &wire.Error{Code: wire.CodeVersionAhead, Message: "the cursor is ahead of the document"}
	case version+maxCursorLag < r.durable || version < r.first:
		return nil, &wire.Error{Code: wire.CodePresenceLost, Message: "the cursor is too far behind the document"}
	}
	err := r.each(*req.Version, r.durable, func(rec record) error {
		cursor = m.moved(cursor, rec)
		return nil
	})
	if err != nil {
		r.fail(err)
	}
	return cursor, nil
}

// maxCursorLag is over how many records a cursor is moved. One behind that is not worth the time of everyone else: its
// owner sends the next when it has caught up.
const maxCursorLag = 4096

// movePresences carries every cursor over a record that has just become durable.
func (r *Room) movePresences(e *entry) {
	for _, p := range r.presences {
		p.cursor = p.owner.moved(p.cursor, e.record)
	}
}

// moved carries a cursor of m over a record.
func (m *member) moved(cursor *wire.Cursor, rec record) *wire.Cursor {
	if rec.change.kind != changeEdit {
		return cursor
	}
	_, own := m.ownID(rec.src)
	return cursor.Moved(rec.change.delta, own)
}

// clearPresences takes a member's cursors off everyone's screen.
func (r *Room) clearPresences(m *member) {
	for _, p := range slices.Clone(r.presences) {
		if p.owner == m {
			p.cursor = nil
			r.forget(p)
			r.tell(p)
		}
	}
}

func (r *Room) tell(p *presence) {
	var news message
	for _, m := range r.members {
		if !m.listening || m.src == p.owner.src {
			continue
		}
		if news.text == nil {
			news = newMessage(r.presenceMessage(p, p.owner.src))
		}
		r.sendPresence(m, p, news)
	}
}

func (r *Room) presenceMessage(p *presence, src string) []byte {
	return wire.PresenceMessage(wire.PresenceUpdate{
		Channel: channelOf(r.document), ID: p.id, Src: src, Cursor: p.cursor,
		Version: r.durable, Document: r.document, Sequence: p.sequence,
	})
}

// ownPresence finds a presence that m announced, on this connection or on one that the client had before: that one may not
// have noticed its end yet, and must not take the cursor with it when it does.
func (r *Room) ownPresence(m *member, id string) *presence {
	for _, p := range r.presences {
		if p.owner.src == m.src && p.id == id {
			return p
		}
	}
	return nil
}

func (r *Room) countPresences(m *member) int {
	n := 0
	for _, p := range r.presences {
		if p.owner == m {
			n++
		}
	}
	return n
}

func (r *Room) forget(p *presence) {
	r.presences = slices.DeleteFunc(r.presences, func(other *presence) bool { return other == p })
}

// channelOf names the presence channel of a document.
func channelOf(document string) string { return wire.Collection + "." + document }
