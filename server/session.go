package server

import (
	"errors"
	"unicode/utf8"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/wire"
)

// session is one connection's side of the protocol: the handshake, what needs no room, and a seat in the room of each
// document that it speaks of. It runs on the goroutine that reads the connection.
type session struct {
	conn     Conn
	entrance entrance
	// document is the only one that this connection was opened for; "" for any.
	document string
	visit    *visit
	limits   *Limits
	// id is the client's secret and src what others know it by, from the handshake or the first request on. newID is the id
	// for a client that brings none.
	id, src, newID string
	// seats are in the order in which they were asked for, the newest last.
	seats   []*seat
	bulk    bulkAnswers
	metrics *Metrics
}

// entrance is how a session gets to documents.
type entrance interface {
	// enter returns the room of a document, which is opened if need be, and how to leave it. It may block while the document
	// is read.
	enter(document string) (room inbox, leave func(), err error)
	// version returns the document as it was at a revision, and moment as it was at a time in milliseconds since the epoch;
	// nil stands for now. An *wire.Error is for the client.
	version(document string, revision *uint64) (wire.Snapshot, error)
	moment(document string, ms *uint64) (wire.Snapshot, error)
	// rights returns what somebody may do with a document.
	rights(document string, caller *access.Caller) (access.Rights, error)
	// keepInformed sees to it that the site of a user of another site is told what is saved of a document.
	keepInformed(document string, caller *access.Caller) error
	// show makes a visit that of whoever a token stands for.
	show(v *visit, token string, used bool) error
}

// inbox takes events for a room. It may block while the room is busy.
type inbox interface {
	post(event)
	// retire removes a member that waits for nothing and is to be told nothing, and says whether it was one.
	retire(*member) bool
}

func newSession(conn Conn, e entrance, document string, v *visit, limits *Limits) *session {
	return &session{
		conn: conn, entrance: e, document: document, visit: v, limits: limits,
		newID: newID(), metrics: unmeasured,
	}
}

// receive handles one message. It may block while a room is busy: that holds up this client alone.
func (s *session) receive(message []byte) {
	if !utf8.Valid(message) {
		// Passed on, one invalid byte would make every other browser drop its connection, for ever.
		s.conn.Close(CloseInvalidText, "the message is not valid UTF-8")
		return
	}
	req, err := wire.Decode(message, s.limits.delta())
	if refusal, ok := errors.AsType[*wire.Error](err); ok {
		s.refuse(req, refusal)
		return
	}
	switch req.Action {
	case wire.Handshake:
		s.handshake(req)
	case wire.Ping:
		s.send(wire.Pong())
	default:
		s.request(req)
	}
}

func (s *session) send(text []byte) {
	s.conn.Queue("", newMessage(text))
	s.conn.Flush(false)
}

func (s *session) refuse(req *wire.Request, refusal *wire.Error) {
	s.send(wire.ErrorReply(req, s.metrics.refused(refusal)))
}

// handshake settles who this connection is. A client that comes back names the id it had, so that its resubmissions are
// recognised; the id is its secret.
func (s *session) handshake(req *wire.Request) {
	if req.Protocol != wire.Protocol {
		s.refuse(req, &wire.Error{Code: wire.CodeBadMessage, Message: "this server speaks version 1 of the protocol"})
		return
	}
	if len(req.ID) > maxClientID {
		s.refuse(req, &wire.Error{Code: wire.CodeBadMessage, Message: "the client's id is too long"})
		return
	}
	if req.Token != "" && !s.show(req.Token) {
		return
	}
	s.identify(req.ID)
	s.send(wire.HandshakeReply(s.id))
}

// show has the connection taken for that of whoever a token stands for, or ends it.
func (s *session) show(token string) bool {
	err := s.entrance.show(s.visit, token, len(s.seats) > 0)
	switch {
	case errors.Is(err, errToken), errors.Is(err, errExpired), errors.Is(err, errSomebodyElse):
		s.conn.Close(CloseUnauthorized, err.Error())
	case err != nil:
		s.conn.Close(CloseTryAgain, "the token cannot be looked up at the moment, or has too many connections")
	}
	if err != nil {
		return false
	}
	caller := s.visit.caller
	for _, at := range s.seats {
		m := at.member
		at.room.post(event{kind: eventCall, call: func(r *Room) { r.renew(m, caller) }})
	}
	return true
}

// maxClientID bounds a handshake id, in bytes.
const maxClientID = 128

// identify gives the client its id, the given one or a new one. Later calls change nothing: one connection is one client.
func (s *session) identify(id string) {
	if s.id != "" {
		return
	}
	if id == "" {
		id = s.newID
	}
	s.id, s.src = id, sourceOf(id)
}

// greet speaks to a client that has said nothing for a while: one of version 1.0 of the protocol waits to be told its id. It
// may be called on any goroutine.
func (s *session) greet() { s.send(wire.InitMessage(s.newID)) }

// request answers a request, or passes it to the room that does.
func (s *session) request(req *wire.Request) {
	s.identify("")
	if refusal := s.allow(req); refusal != nil {
		s.refuse(req, refusal)
		return
	}
	switch req.Action {
	case wire.FetchVersion, wire.FetchTime:
		snapshot, err := s.past(req)
		if err != nil {
			s.refuse(req, unreadable(err))
			return
		}
		s.send(wire.PastReply(req, snapshot))
	case wire.BulkFetch, wire.BulkSubscribe, wire.BulkUnsubscribe:
		s.requestAll(req)
	default:
		s.pass(req)
	}
}

// past returns the document as it was, to whoever may see that.
func (s *session) past(req *wire.Request) (wire.Snapshot, error) {
	rights, err := s.entrance.rights(req.Document, &s.visit.caller)
	if err != nil {
		return wire.Snapshot{}, err
	}
	if action := needed(req); !rights.Allow(action) {
		return wire.Snapshot{}, forbidden(req, action)
	}
	if req.Action == wire.FetchTime {
		return s.entrance.moment(req.Document, req.Time)
	}
	return s.entrance.version(req.Document, req.Version)
}

// pass hands a request to the room of its document.
func (s *session) pass(req *wire.Request) {
	at, err := s.sit(req.Document)
	if err == nil {
		at.room.post(event{kind: eventRequest, member: at.member, request: req})
		return
	}
	if refusal, ok := errors.AsType[*wire.Error](err); ok || req.Action != wire.Submit {
		if !ok {
			refusal = unreadable(err)
		}
		s.refuse(req, refusal)
		return
	}
	// A refusal would make the author throw its work away.
	s.conn.Close(CloseTryAgain, "the document could not be opened")
}

// requestAll hands each document of a bulk request to its room and has the answers gathered.
func (s *session) requestAll(req *wire.Request) {
	action := map[wire.Action]wire.Action{
		wire.BulkFetch: wire.Fetch, wire.BulkSubscribe: wire.Subscribe, wire.BulkUnsubscribe: wire.Unsubscribe,
	}[req.Action]
	g := s.bulk.begin(s.conn, req)
	for _, known := range req.Documents {
		single := &wire.Request{Action: action, Collection: req.Collection, Document: known.Document, Version: known.Version}
		if refusal := s.allowDocument(single); refusal != nil {
			g.give(wire.Part{Known: known, Refusal: refusal})
			continue
		}
		at, err := s.sit(known.Document)
		if err != nil {
			g.give(wire.Part{Known: known, Refusal: unreadable(err)})
			continue
		}
		at.room.post(event{kind: eventRequest, member: at.member, request: single, gathering: g})
	}
}

// unreadable turns the reason why a document is not there into words for the client.
func unreadable(err error) *wire.Error {
	if refusal, ok := errors.AsType[*wire.Error](err); ok {
		return refusal
	}
	return &wire.Error{Code: wire.CodeUnknown, Message: "the document cannot be read at the moment; nothing that was confirmed is lost"}
}
