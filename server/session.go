package server

import (
	"errors"
	"unicode/utf8"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/wire"
)

// session is one connection's side of the protocol: the handshake, what needs no room, and the check that everything else
// speaks of the one document that this connection was opened for. It runs on the goroutine that reads the connection.
type session struct {
	conn      Conn
	room      inbox
	document  string
	principal string
	limits    ot.Limits
	// member is the session's place in the room, taken at the handshake or the first request.
	member *member
}

// inbox takes events for a room. It may block while the room is busy.
type inbox interface{ post(event) }

// receive handles one message. It may block while the room is busy: that holds up this client alone.
func (s *session) receive(message []byte) {
	if !utf8.Valid(message) {
		// Passed on, one invalid byte would make every other browser drop its connection, for ever.
		s.conn.Close(CloseInvalidText, "the message is not valid UTF-8")
		return
	}
	req, err := wire.Decode(message, s.limits)
	if refusal, ok := errors.AsType[*wire.Error](err); ok {
		s.refuse(req, refusal)
		return
	}
	switch req.Action {
	case wire.Handshake:
		s.handshake(req)
	case wire.Ping:
		s.conn.Send(wire.Pong())
	default:
		s.request(req)
	}
}

func (s *session) refuse(req *wire.Request, refusal *wire.Error) {
	s.conn.Send(wire.ErrorReply(req, refusal))
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
	s.join(req.ID)
	s.conn.Send(wire.HandshakeReply(s.member.id))
}

// maxClientID bounds a handshake id, in bytes.
const maxClientID = 128

// join takes a place in the room, under the given id or a new one. Later calls change nothing: one connection is one client.
func (s *session) join(id string) {
	if s.member != nil {
		return
	}
	if id == "" {
		id = newID()
	}
	s.member = &member{conn: s.conn, id: id, src: sourceOf(id), principal: s.principal}
	s.room.post(event{kind: eventJoin, member: s.member})
}

func (s *session) leave() {
	if s.member != nil {
		s.room.post(event{kind: eventLeave, member: s.member})
	}
}

// request passes a request to the room if the room can answer it.
func (s *session) request(req *wire.Request) {
	if refusal := s.allow(req); refusal != nil {
		s.refuse(req, refusal)
		return
	}
	s.join("")
	s.room.post(event{kind: eventRequest, member: s.member, request: req})
}

func (s *session) allow(req *wire.Request) *wire.Error {
	switch req.Action {
	case wire.Fetch, wire.Subscribe, wire.Unsubscribe, wire.Submit, wire.Hello:
		return s.allowDocument(req)
	case wire.Presence, wire.PresenceSubscribe, wire.PresenceUnsubscribe, wire.PresenceRequest:
		return s.allowPresence(req)
	case wire.BulkFetch, wire.BulkSubscribe, wire.BulkUnsubscribe:
		return &wire.Error{Code: wire.CodeBadMessage, Message: "this address serves one document; there is nothing to ask for in bulk"}
	case wire.QueryFetch, wire.QuerySubscribe, wire.QueryUnsubscribe:
		return &wire.Error{Code: wire.CodeNotImplemented, Message: "queries are not offered here"}
	case wire.FetchVersion, wire.FetchTime:
		return &wire.Error{Code: wire.CodeNotImplemented, Message: "past versions are not offered here yet"}
	}
	return &wire.Error{Code: wire.CodeBadMessage, Message: "unknown action"}
}

func (s *session) allowDocument(req *wire.Request) *wire.Error {
	switch {
	case req.Collection != wire.Collection:
		return &wire.Error{Code: wire.CodeBadMessage, Message: `Invalid collection: the only one is "` + wire.Collection + `"`}
	case req.Document != s.document:
		return &wire.Error{Code: wire.CodeBadMessage, Message: "Invalid id: this address serves another document"}
	case len(req.Src) > maxClientID:
		return &wire.Error{Code: wire.CodeBadMessage, Message: "src is too long"}
	}
	return nil
}

func (s *session) allowPresence(req *wire.Request) *wire.Error {
	switch {
	case req.Channel != channelOf(s.document):
		return &wire.Error{Code: wire.CodeBadMessage, Message: "Invalid presence channel: here it is " + channelOf(s.document)}
	case req.Action != wire.Presence:
		return nil
	case req.ID == "" || len(req.ID) > maxClientID:
		return &wire.Error{Code: wire.CodeBadMessage, Message: "a presence needs an id of 1 to 128 bytes"}
	case req.Document != "" && req.Document != s.document, req.Collection != "" && req.Collection != wire.Collection:
		return &wire.Error{Code: wire.CodeBadMessage, Message: "Invalid id: this address serves another document"}
	}
	return nil
}
