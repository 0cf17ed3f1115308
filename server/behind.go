package server

import (
	"errors"

	"github.com/quire-editor/quire/server/wire"
)

// portionBytes is about how much of what a member missed is sent at a time. Whoever missed more gets it at the pace of its
// own connection, so that coming back after months fills no memory and holds nobody up.
const portionBytes = 256 << 10

// behind is a member that is being brought up to date. Until that is done it is told nothing else of the document.
type behind struct {
	next, to uint64
	// then is what follows; answers is what else has to be said meanwhile.
	then    func()
	answers []func()
	// cursors says that others' cursors have changed meanwhile.
	cursors bool
}

// bring sends a member the records from <= revision < to, its own under its own id: that is how a client finds out that
// work it has no acknowledgement for did arrive. Then it calls then. Call it through member.say.
func (r *Room) bring(m *member, from, to uint64, then func()) {
	m.behind = &behind{next: from, to: to, then: then}
	r.bringOn(m)
}

// bringOn sends the next portion.
func (r *Room) bringOn(m *member) {
	b := m.behind
	if m.left || r.failed != nil {
		return
	}
	if err := r.sendPortion(m, b); err != nil {
		r.fail(err)
		return
	}
	if b.next < b.to {
		m.conn.Ready(func() { r.reenter(func() { r.bringOn(m) }) })
		return
	}
	m.behind = nil
	b.then()
	for i, answer := range b.answers {
		if m.behind != nil { // this answer is long as well
			m.behind.answers = append(m.behind.answers, b.answers[i:]...)
			m.behind.cursors = m.behind.cursors || b.cursors
			return
		}
		answer()
	}
	r.follow(m)
	switch {
	case !b.cursors:
	case m.behind != nil:
		m.behind.cursors = true
	default:
		r.introduce(m)
	}
}

var errPortionFull = errors.New("the portion is full")

// sendPortion sends a portion record by record; to who reads bundles as one message, which thousands of records take a
// browser a tenth of the time to read.
func (r *Room) sendPortion(m *member, b *behind) error {
	size := 0
	var bundle [][]byte
	err := r.each(b.next, b.to, func(rec record) error {
		src := rec.src
		if id, own := m.ownID(src); own {
			src = id
		}
		message := wire.OpMessage(rec.op(r.document, src))
		if m.bundles {
			bundle = append(bundle, message)
		} else {
			m.send(message)
		}
		b.next = rec.revision + 1
		if m.next == rec.revision {
			m.next = b.next
		}
		if size += len(message); size >= r.portion {
			return errPortionFull
		}
		return nil
	})
	if len(bundle) > 0 {
		m.send(wire.Bundle(bundle))
	}
	if errors.Is(err, errPortionFull) {
		return nil
	}
	return err
}

// follow sends a subscriber what was published while it was being brought up to date.
func (r *Room) follow(m *member) {
	if m.subscribed && m.behind == nil && !m.left && m.next < r.durable {
		r.bring(m, m.next, r.durable, func() {})
	}
}
