package server

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/wire"
	"github.com/quire-editor/quire/store"
)

// Log is what a room needs of the store: the log of its one document.
type Log interface {
	// Append queues the record at its revision and returns before it is durable. meta, if not nil, becomes the
	// document's metadata in the same commit. An error means that nothing was queued.
	Append(r store.Record, meta []byte) error
	// Durable returns how many records are known to be on disk. An error is final: the outcome of what is not yet
	// durable is unknown, and the room must be opened anew.
	Durable() (uint64, error)
	// Records calls fn for the durable records from <= revision < to, in order.
	Records(from, to uint64, fn func(store.Record) error) error
	// Last returns the newest durable submission of a source.
	Last(src string) (seq, revision uint64, ok bool, err error)
	// PutSnapshot keeps a state to start from. It is advisory: losing one costs replay time, never content.
	PutSnapshot(s store.Snapshot) error
}

// Conn is the way to one client. Messages arrive in the order they were queued, or the connection ends.
type Conn interface {
	// Queue adds a message to what waits, and never blocks. A connection that cannot keep up is closed, never skipped over.
	// Under a key other than "" a message makes older ones with the same key worthless: those that still wait are dropped.
	Queue(key string, m message)
	// Flush has what waits written, by whoever calls as far as that takes no waiting. With elsewhere it is left to others.
	Flush(elsewhere bool)
	// Ready calls f, on whatever goroutine, once the connection has taken what was sent to it. If the connection ends before
	// that, f is never called.
	Ready(f func())
	// Close ends the connection with a close code and a reason for people. It does not wait until that is done, when what it
	// returns is closed.
	Close(code int, reason string) (ended <-chan struct{})
}

// Room is the live home of one open document. It is owned by one goroutine: none of its methods may run at the same time
// as another.
type Room struct {
	document string
	meta     metadata
	// policy decides what members may do; it is the metadata's.
	policy  access.Policy
	log     Log
	now     func() int64 // milliseconds since the epoch
	stamper store.Stamper
	limits  Limits
	logger  *slog.Logger

	// notice is what whoever runs the server has to say; "" if nothing.
	notice string

	// head is the newest state, ahead of the disk by the records that are not yet durable.
	head *state
	// first is the oldest record that is kept.
	first uint64
	// durable is the revision that members have been told of. durable <= head.revision, always.
	durable uint64
	// tail holds the newest records: every one that is not durable, and some more for rebasing.
	tail tail
	// authors holds the newest submission of each source known to this room, durable or not.
	authors map[string]submitted
	// waiting replies show a state that is not durable yet. In order of revision.
	waiting []waiting

	chat    chat
	members []*member
	// touched are the members for whom something has been queued since the last flush, answered those of them who wait for it.
	touched   touched
	answered  []*member
	presences []*presence

	// snapshotted is the revision of the newest snapshot handed to the log.
	snapshotted uint64
	// amended is the version of the metadata that title, kind, language and access are from.
	amended uint64
	// shown is the document as it was last encoded for a newcomer.
	shown shown
	// reenter has the room run f when it is its turn. It may block, and must not be called by the room itself.
	reenter func(f func())
	// alarm, if not nil, is asked to have decideAnew called at a time in milliseconds since the epoch; 0 takes that back.
	alarm func(at int64)
	// linked is the version of the document's links that policy has.
	linked uint64
	// deleted is told when the document's deletion is durable, edited when anything new is. They must not block.
	deleted, edited func()
	// began is told what is known of the document when it was created, before that is durable. It must not block.
	began func(metadata)
	// over are the records that a submission is being rebased over; it and the rebaser keep their memory from one to the next.
	over    []ot.Delta
	rebaser ot.Rebaser
	// snapshotEvery and portion are the constants of those names, but for tests.
	snapshotEvery uint64
	portion       int
	// failing, if not nil, is called when the room fails, before anybody is told.
	failing func()
	// failed is why the room can no longer be used.
	failed error

	metrics *Metrics
	// units is how long the text was lately, for whoever asks about all rooms.
	units atomic.Int64
}

// submitted is a source's newest submission: a later copy of it is answered with this revision.
type submitted struct{ seq, revision uint64 }

type waiting struct {
	revision uint64
	run      func()
}

// openRoom brings a document to life from its log. What logger writes names the document.
func openRoom(document string, from loaded, log Log, now func() int64, limits Limits, logger *slog.Logger) *Room {
	head := from.head
	r := &Room{
		document:    document,
		meta:        from.meta,
		policy:      from.policy(document),
		log:         log,
		now:         now,
		limits:      limits,
		logger:      logger,
		head:        head,
		first:       from.First,
		durable:     head.revision,
		tail:        tail{first: head.revision, length: tailLength, maxBytes: tailBytes},
		authors:     map[string]submitted{},
		snapshotted: from.snapshotted,
		amended:     from.MetaVersion,
		linked:      from.links.version,
		deleted:     func() {},
		edited:      func() {},
		began:       func(metadata) {},

		snapshotEvery: snapshotEvery,
		portion:       portionBytes,
		metrics:       unmeasured,
	}
	r.units.Store(int64(head.text.Len()))
	return r
}

// Join adds a session. It is told nothing before it asks.
func (r *Room) Join(m *member) {
	m.touched = &r.touched
	m.rights = r.policy.Rights(&m.caller, r.now())
	r.members = append(r.members, m)
	if m.caller.Expires != 0 || len(m.caller.Grants) > 0 {
		r.awaitChange()
	}
}

// Flush has everything written that members have been told. Call it when the room has handled an event. With elsewhere it is
// not the caller who writes.
func (r *Room) Flush(elsewhere bool) {
	for _, m := range r.answered {
		m.conn.Flush(false)
	}
	clear(r.answered)
	r.answered = r.answered[:0]
	for i, m := range r.touched {
		m.unflushed = false
		m.conn.Flush(elsewhere)
		r.touched[i] = nil
	}
	r.touched = r.touched[:0]
}

// Leave removes a session and clears its cursors from everyone's screen.
func (r *Room) Leave(m *member) {
	m.left = true
	m.subscribed, m.behind = false, nil
	r.members = slices.DeleteFunc(r.members, func(other *member) bool { return other == m })
	r.clearPresences(m)
}

// Retire removes a session that waits for nothing and would be told nothing, and says whether it was one.
func (r *Room) Retire(m *member) bool {
	idle := !m.subscribed && !m.listening && !m.extended && !m.chatting && m.waits == 0 && m.behind == nil &&
		r.countPresences(m) == 0 && r.durable == r.head.revision
	if idle {
		r.Leave(m)
	}
	return idle
}

// Receive handles one request of a member. The session has already checked that it speaks of this document.
func (r *Room) Receive(m *member, req *wire.Request) { r.receive(ask{m, req, nil}) }

func (r *Room) receive(a ask) {
	if refusal := r.forbid(a); refusal != nil {
		a.refuse(r.metrics.refused(refusal))
		return
	}
	switch m, req := a.member, a.Request; req.Action {
	case wire.Fetch:
		r.fetch(a)
	case wire.Subscribe:
		r.subscribe(a)
	case wire.Unsubscribe:
		r.unsubscribe(a)
	case wire.Submit:
		r.submit(m, req)
	case wire.Presence, wire.PresenceSubscribe, wire.PresenceUnsubscribe, wire.PresenceRequest:
		r.presence(m, req)
	case wire.Chat:
		r.say(m, req)
	case wire.Chats:
		r.showChat(m, req)
	case wire.Typing:
		r.typing(m, req)
	case wire.Hello:
		m.extended, m.bundles = true, req.Bundles
		m.send(wire.HelloReply(r.document, r.about(), m.standing(), r.limits.MessageBytes))
		if r.notice != "" {
			m.send(wire.NoticeMessage(r.document, r.notice))
		}
	}
}

// Amend tells everyone of a new title, kind, language, owner or access, or that the document is in the trash, which the store already has in a version of the metadata. Of
// two changes the room may hear in the wrong order.
func (r *Room) Amend(m metadata, version uint64) {
	if version < r.amended {
		return
	}
	before := r.about()
	r.meta.Title, r.meta.Kind, r.meta.Language, r.amended = m.Title, m.Kind, m.Language, version
	r.meta.Owner, r.meta.Access, r.meta.Trashed = m.Owner, m.Access, m.Trashed
	r.decideAnew()
	if r.about() == before {
		return
	}
	news := wire.AboutMessage(r.document, r.about())
	for _, member := range r.members {
		if member.extended {
			member.send(news)
		}
	}
}

// Notify tells everyone what whoever runs the server has to say, and those who come later too; "" ends that.
func (r *Room) Notify(text string) {
	if text == r.notice {
		return
	}
	r.notice = text
	for _, member := range r.members {
		if member.extended {
			member.send(wire.NoticeMessage(r.document, text))
		}
	}
}

func (r *Room) about() wire.AboutDocument {
	return wire.AboutDocument{Kind: string(r.meta.Kind), Language: r.meta.Language, Title: r.meta.Title}
}

// whenDurable runs f once everything applied so far is durable: at once if it is.
func (r *Room) whenDurable(f func()) {
	if r.durable == r.head.revision {
		f()
		return
	}
	r.waiting = append(r.waiting, waiting{r.head.revision, f})
}

// whenShown answers m once everything applied so far is durable.
func (r *Room) whenShown(m *member, answer func()) {
	if !m.mayWait() {
		return
	}
	m.waits++
	r.whenDurable(func() {
		m.waits--
		m.say(answer)
	})
}

// inTurn answers m at once, but behind every answer to m that waits.
func (r *Room) inTurn(m *member, answer func()) {
	if m.waits == 0 {
		m.say(answer)
		return
	}
	r.whenShown(m, answer)
}

// fail ends the room: what became of its unfinished records is unknown, or it can no longer be trusted. Every session is
// closed so that it comes back to a room opened anew from the log. There is no repair path.
func (r *Room) fail(err error) {
	if r.failed != nil {
		return
	}
	r.failed = fmt.Errorf("room %s at revision %d: %w", r.document, r.head.revision, err)
	r.logger.Error("room failed", "revision", r.head.revision, "durable", r.durable, "error", err)
	if r.failing != nil {
		r.failing()
	}
	switch {
	case errors.Is(err, store.ErrNoSpace):
		r.dismiss(CloseNoSpace, "the server's disk is full; your changes are safe where you wrote them")
	case errors.Is(err, store.ErrReadOnly):
		r.dismiss(CloseNoSpace, "the server's disk cannot be written; your changes are safe where you wrote them")
	default:
		r.dismiss(CloseTryAgain, "the document has to be opened again")
	}
	for _, e := range r.tail.since(r.durable) {
		e.answer(r.failed)
	}
}

// dismiss closes every session with a code that says what to do next.
func (r *Room) dismiss(code int, reason string) {
	for _, m := range r.members {
		m.conn.Close(code, reason)
	}
}
