package server

import (
	"errors"
	"fmt"
	"slices"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/wire"
	"github.com/quire-editor/quire/store"
)

// submission is a change that asks for its place in the log.
type submission struct {
	// src and seq are its identity for ever: the same pair is never applied twice.
	src string
	seq uint64
	// base is the revision it was made against.
	base uint64
	// alone has it refused with errMoved if there are later ones.
	alone  bool
	change change
	// kind of the document that it creates.
	kind      Kind
	principal string
	// author is the member that submitted it; nil when it did not come over a session.
	author *member
	// answer is called when the record is durable, or its fate unknown. It is not called for a submission that admit refuses.
	answer func(error)
}

// submit handles a client's submission: it is admitted and, once durable, acknowledged; or refused.
func (r *Room) submit(m *member, req *wire.Request) {
	s, err := r.read(m, req)
	if err == nil {
		err = r.offer(m, req, s)
	}
	if refusal, ok := errors.AsType[*wire.Error](err); ok {
		// What stands in the way may not be durable yet, and nobody is told of that.
		r.whenShown(m, func() { m.send(wire.ErrorReply(req, r.metrics.refused(refusal))) })
	}
	// Any other error has ended the room: its sessions are closed, and come back with the same submission.
}

// read makes a submission of a request.
func (r *Room) read(m *member, req *wire.Request) (submission, error) {
	s := submission{seq: req.Seq, base: r.head.revision, principal: m.principal, author: m}
	if req.Version != nil {
		s.base = *req.Version
	}
	if req.Src == "" {
		req.Src = m.id
	}
	s.src = m.sourceOf(req.Src)
	switch {
	case req.Create != nil:
		kind, err := parseKind(req.Create.Kind, KindRich)
		if err != nil {
			return s, &wire.Error{Code: wire.CodeBadOp, Message: err.Error()}
		}
		if t := req.Create.Type; t != wire.RichText && t != wire.RichTextName {
			return s, &wire.Error{Code: wire.CodeUnknownType, Message: "the only type of document here is " + wire.RichText}
		}
		s.kind, s.change = kind, change{changeCreate, req.Create.Data}
	case req.Delete:
		s.change = change{kind: changeDelete}
	default:
		s.change = change{changeEdit, req.Edit}
	}
	return s, nil
}

// offer admits s, or answers it as the copy of a submission that is already in the log.
func (r *Room) offer(m *member, req *wire.Request, s submission) error {
	last, err := r.lastOf(s.src)
	if err != nil {
		r.fail(err)
		return r.failed
	}
	if s.seq <= last.seq {
		return r.resubmitted(m, req, s, last)
	}
	revision := r.head.revision
	s.answer = func(err error) { r.acknowledge(m, req, s, revision, err) }
	return r.admit(s)
}

// resubmitted answers a copy of a submission that is in the log, or about to be.
func (r *Room) resubmitted(m *member, req *wire.Request, s submission, last submitted) error {
	if s.seq < last.seq || s.base > last.revision {
		// Either an old copy overtaken by later work of the same source, or its author has already been shown the first
		// copy as somebody else's. An acknowledgement would leave the author waiting for ever; an error makes it reload.
		return &wire.Error{Code: wire.CodeAlreadySubmitted, Message: "this change is already in the document"}
	}
	acknowledge := func(err error) { r.acknowledge(m, req, s, last.revision, err) }
	if last.revision >= r.durable {
		e := r.tail.at(last.revision)
		if !slices.Contains(e.authors, m) {
			e.authors = append(e.authors, m)
			e.answers = append(e.answers, acknowledge)
		}
		return nil
	}
	acknowledge(nil)
	return nil
}

// acknowledge tells an author that its submission is durable at revision, after every record up to there that the author
// has not been sent yet.
func (r *Room) acknowledge(m *member, req *wire.Request, s submission, revision uint64, err error) {
	if err != nil {
		return // the connection is gone, or about to be: the author will ask again under the same identity
	}
	m.say(func() {
		from := max(s.base, r.first)
		if m.subscribed {
			from = max(from, m.next)
		}
		if from >= revision {
			r.sendAck(m, req, revision)
			return
		}
		r.bring(m, from, revision, func() { r.sendAck(m, req, revision) })
	})
}

func (r *Room) sendAck(m *member, req *wire.Request, revision uint64) {
	m.next = max(m.next, revision+1)
	m.send(wire.Ack(wire.Op{Document: r.document, Version: revision, Src: req.Src, Seq: req.Seq}))
	r.answered = append(r.answered, m)
}

// lastOf returns the newest submission of a source, durable or not.
func (r *Room) lastOf(src string) (submitted, error) {
	if last, ok := r.authors[src]; ok {
		return last, nil
	}
	seq, revision, ok, err := r.log.Last(src)
	if err != nil {
		return submitted{}, fmt.Errorf("last submission of a source: %w", err)
	}
	if ok {
		r.rememberAuthor(src, submitted{seq, revision})
	}
	return submitted{seq, revision}, nil
}

// maxAuthors bounds the sources that a room remembers by itself; the log knows the others.
const maxAuthors = 4096

func (r *Room) rememberAuthor(src string, s submitted) {
	if len(r.authors) >= maxAuthors {
		for other, last := range r.authors {
			if last.revision < r.durable {
				delete(r.authors, other)
			}
		}
	}
	r.authors[src] = s
}

// admit gives a submission its place: it is rebased over every record since its base, applied to the head and queued for
// the log. Either it returns an error and everything is as it was (an *wire.Error is for the author, as is errMoved; any other has
// ended the room), or s.answer is called in time.
func (r *Room) admit(s submission) error {
	if s.base > r.head.revision {
		return &wire.Error{
			Code:    wire.CodeVersionAhead,
			Message: fmt.Sprintf("the change was made at version %d, but the document is at %d", s.base, r.head.revision),
		}
	}
	if s.alone && s.base < r.head.revision {
		return errMoved
	}
	if refusal := r.refuseDropped(s.base); refusal != nil {
		return refusal
	}
	c, err := r.rebase(s)
	if err != nil {
		return err
	}
	if refusal := r.check(c); refusal != nil {
		return refusal
	}
	payload := c.encode()
	if len(payload) > store.MaxPayloadBytes {
		return &wire.Error{Code: wire.CodeOpNotApplied, Message: "the change is larger than the log takes"}
	}
	if err := r.head.apply(c); err != nil {
		return refusalOf(err)
	}
	r.commit(s, c, payload)
	return nil
}

// refuseDropped refuses a version that nothing can be brought forward from any more.
func (r *Room) refuseDropped(version uint64) *wire.Error {
	if version >= r.first {
		return nil
	}
	return &wire.Error{
		Code:    wire.CodeDropped,
		Message: fmt.Sprintf("changes before version %d are no longer kept, so nothing made at version %d can be merged; load the document again", r.first, version),
	}
}

// commit queues the record that made the head's newest revision.
func (r *Room) commit(s submission, c change, payload []byte) {
	rec := record{r.head.revision - 1, s.src, s.seq, c}
	meta, now := r.metaAfter(s, c), r.now()
	stored := store.Record{
		Revision: rec.revision, Src: rec.src, Seq: rec.seq,
		Author: s.principal, Time: r.stamper.Stamp(now), Payload: payload,
	}
	e := &entry{record: rec, admitted: now, bytes: len(payload) + opBytes*len(c.delta), answers: []func(error){s.answer}}
	if s.author != nil {
		e.authors = []*member{s.author}
	}
	r.tail.push(e)
	r.rememberAuthor(s.src, submitted{s.seq, rec.revision})
	if err := r.log.Append(stored, meta); err != nil {
		r.fail(fmt.Errorf("append revision %d: %w", rec.revision, err))
	}
}

// metaAfter returns the metadata to store with a change, nil if it stays as it is.
func (r *Room) metaAfter(s submission, c change) []byte {
	switch c.kind {
	case changeCreate:
		r.create(s)
	case changeDelete:
		r.meta.Deleted = true
	case changeEdit:
		return nil
	}
	return r.meta.encode()
}

// create settles what is known of a document that begins. One that was deleted and begins anew stays its owner's.
func (r *Room) create(s submission) {
	anew := metadata{Kind: s.kind, Owner: r.meta.Owner, Access: r.meta.Access}
	if anew.Owner == "" {
		anew.Owner = s.principal
	}
	r.meta = anew
	r.began(anew)
	r.decideAnew()
}

// rebaseBatch is how many records a submission is carried over at a time: it bounds what is in memory at once of a log that
// the author may not have seen for months.
const rebaseBatch = 512

// rebase carries a submission over every record since its base. What is already in the log wins every tie.
func (r *Room) rebase(s submission) (change, error) {
	delta := s.change.delta
	err := r.each(s.base, r.head.revision, func(rec record) error {
		if refusal := meet(s.change, rec.change); refusal != nil {
			return refusal
		}
		if r.over = append(r.over, rec.change.delta); len(r.over) == rebaseBatch {
			delta = r.carry(delta)
		}
		return nil
	})
	delta = r.carry(delta)
	if _, refused := errors.AsType[*wire.Error](err); refused {
		return change{}, err
	}
	if err != nil {
		r.fail(fmt.Errorf("records since revision %d: %w", s.base, err))
		return change{}, r.failed
	}
	return change{s.change.kind, delta}, nil
}

// keystrokeOps is how many ops most deltas have at most.
const keystrokeOps = 2

// carry rebases a delta over the records gathered in r.over, and empties that.
func (r *Room) carry(delta ot.Delta) ot.Delta {
	if len(r.over) > 0 {
		delta = r.rebaser.Append(make(ot.Delta, 0, max(len(delta), keystrokeOps)), delta, r.over)
		clear(r.over)
		r.over = r.over[:0]
	}
	return delta
}

// meet refuses a change that has no meaning after a committed one it did not know of.
func meet(incoming, committed change) *wire.Error {
	switch committed.kind {
	case changeCreate:
		return &wire.Error{Code: wire.CodeExists, Message: "the document has been created meanwhile"}
	case changeDelete:
		if incoming.kind != changeDelete {
			return &wire.Error{Code: wire.CodeDeleted, Message: "the document has been deleted"}
		}
	case changeEdit:
		if incoming.kind == changeCreate {
			return &wire.Error{Code: wire.CodeExists, Message: "the document exists already"}
		}
	}
	return nil
}

// refusalOf turns the reason why a change does not fit a state into words for its author.
func refusalOf(err error) *wire.Error {
	switch {
	case errors.Is(err, errMissing):
		return &wire.Error{Code: wire.CodeMissing, Message: err.Error()}
	case errors.Is(err, errExists):
		return &wire.Error{Code: wire.CodeExists, Message: err.Error()}
	}
	return &wire.Error{Code: wire.CodeOpNotApplied, Message: err.Error()}
}
