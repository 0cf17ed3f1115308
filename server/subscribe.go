package server

import (
	"fmt"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/wire"
)

// ask is a request with whoever makes it.
type ask struct {
	*member
	*wire.Request
	// bulk is the bulk request that this is a part of; nil if it stands for itself.
	bulk *gathering
}

func (a ask) done() {
	if a.bulk != nil {
		a.gathering = a.bulk
		a.bulk.give(wire.Part{Known: a.known()})
		return
	}
	a.send(wire.Reply(a.Request))
}

func (a ask) shown(s *shown) {
	if a.bulk != nil {
		a.gathering = a.bulk
		a.bulk.give(wire.Part{Known: a.known(), Snapshot: s.snapshot})
		return
	}
	a.deliver("", s.reply(a.Request))
}

func (a ask) refuse(refusal *wire.Error) {
	if a.bulk != nil {
		a.bulk.give(wire.Part{Known: a.known(), Refusal: refusal})
		return
	}
	a.send(wire.ErrorReply(a.Request, refusal))
}

func (a ask) known() wire.Known { return wire.Known{Document: a.Document, Version: a.Version} }

// fetch shows a member the document, or what it missed since the version it knows.
func (r *Room) fetch(a ask) {
	if a.Version == nil {
		r.show(a, func(uint64) {})
		return
	}
	r.catchUp(a, func(uint64) { a.done() })
}

// subscribe is a fetch after which the member gets every later record: no gap, no duplicate.
func (r *Room) subscribe(a ask) {
	if a.Version == nil {
		r.showSubscriber(a)
		return
	}
	r.catchUp(a, func(revision uint64) {
		a.subscribed, a.next = true, revision
		a.done()
	})
}

func (r *Room) unsubscribe(a ask) {
	r.inTurn(a.member, func() {
		a.subscribed = false
		a.done()
	})
}

const (
	// staleRecords is how many records may follow the snapshot that a new subscriber gets.
	staleRecords = 64
	// staleBytes is how large that snapshot is at least: encoding a smaller one anew is as little work as the records.
	staleBytes = 64 << 10
)

// showSubscriber sends a new subscriber the document as somebody else has been shown it lately, or as it is now; the records
// since follow.
func (r *Room) showSubscriber(a ask) {
	if len(r.shown.snapshot) < staleBytes || r.shown.revision+staleRecords < r.durable {
		r.show(a, func(revision uint64) { a.subscribed, a.next = true, revision })
		return
	}
	r.inTurn(a.member, func() {
		a.shown(&r.shown)
		a.subscribed, a.next = true, r.shown.revision
		r.follow(a.member)
	})
}

// show sends the document as it is now, once that is durable, and then calls then with its revision.
func (r *Room) show(a ask, then func(revision uint64)) {
	s := r.head.frozen()
	r.whenShown(a.member, func() {
		r.shown.renew(s)
		a.shown(&r.shown)
		then(s.revision)
		r.follow(a.member)
	})
}

// shown is a document as newcomers are shown it: encoded once for all who come at the same revision, or soon after.
type shown struct {
	revision uint64
	snapshot []byte
	// replies are whole messages, by action; everyone who asks the same gets the same one.
	replies map[wire.Action]message
}

func (s *shown) renew(st *state) {
	if s.snapshot != nil && s.revision == st.revision {
		return
	}
	snapshot := wire.Snapshot{Version: st.revision, Exists: st.exists}
	if st.exists {
		snapshot.Data = st.text.Delta()
	}
	*s = shown{st.revision, wire.EncodeSnapshot(snapshot), map[wire.Action]message{}}
}

func (s *shown) reply(req *wire.Request) message {
	if req.RequestID != nil {
		return newMessage(wire.SnapshotReply(req, s.snapshot))
	}
	reply, ok := s.replies[req.Action]
	if !ok {
		reply = newMessage(wire.SnapshotReply(req, s.snapshot))
		s.replies[req.Action] = reply
	}
	return reply
}

// catchUp sends the records from the requested version to the durable one and then calls then with that.
func (r *Room) catchUp(a ask, then func(revision uint64)) {
	r.inTurn(a.member, func() {
		if *a.Version > r.durable {
			a.refuse(&wire.Error{
				Code:    wire.CodeVersionAhead,
				Message: fmt.Sprintf("version %d is ahead of the document, which is at %d; load it again", *a.Version, r.durable),
			})
			return
		}
		if refusal := r.refuseDropped(*a.Version); refusal != nil {
			a.refuse(refusal)
			return
		}
		to := r.durable
		r.bring(a.member, *a.Version, to, func() { then(to) })
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
