package server

import (
	"fmt"
	"slices"

	"github.com/quire-editor/quire/server/wire"
)

// seat is a session's place in the room of one document.
type seat struct {
	document string
	room     inbox
	member   *member
	// leave gives back what holds the room open.
	leave func()
}

// sit returns the session's seat in a document's room, and takes one if it has none.
func (s *session) sit(document string) (*seat, error) {
	if at := s.seat(document); at != nil {
		return at, nil
	}
	if !s.makeRoom() {
		return nil, &wire.Error{
			Code:    wire.CodeLimit,
			Message: fmt.Sprintf("one connection may use %d documents at a time; unsubscribe from others first", s.limits.DocumentsPerConnection),
		}
	}
	if !s.visit.who.open() {
		return nil, &wire.Error{
			Code:    wire.CodeLimit,
			Message: fmt.Sprintf("you are using %d documents already, the most that one person may use at a time; close some", s.limits.DocumentsPerPrincipal),
		}
	}
	room, leave, err := s.enter(document)
	if err != nil {
		s.visit.who.close()
		return nil, err
	}
	at := &seat{
		document: document, room: room, leave: leave,
		member: &member{
			conn: s.conn, id: s.id, src: s.src, principal: s.visit.caller.Principal, person: s.visit.caller.Person,
			caller: s.visit.caller, alone: s.document != "",
		},
	}
	s.seats = append(s.seats, at)
	room.post(event{kind: eventJoin, member: at.member})
	return at, nil
}

// seat returns the session's seat in a document's room, nil if it has none. It is looked for from the newest on: who speaks of
// hundreds of documents speaks of the same ones again.
func (s *session) seat(document string) *seat {
	for i := len(s.seats) - 1; i >= 0; i-- {
		if s.seats[i].document == document {
			return s.use(i)
		}
	}
	return nil
}

// use makes a seat the newest.
func (s *session) use(i int) *seat {
	at := s.seats[i]
	copy(s.seats[i:], s.seats[i+1:])
	s.seats[len(s.seats)-1] = at
	return at
}

// enter opens the room of a document, once the site of another site's user is sure to be told what they do there.
func (s *session) enter(document string) (inbox, func(), error) {
	if err := s.entrance.keepInformed(document, &s.visit.caller); err != nil {
		return nil, nil, err
	}
	return s.entrance.enter(document)
}

// spareSeats is how many seats a session keeps without asking whether the client still uses them.
const spareSeats = 32

// makeRoom says whether the session may take one more seat, and gives up one that the client does not use any more.
func (s *session) makeRoom() bool {
	for range len(s.seats) {
		if len(s.seats) < spareSeats || s.giveUpOldest() || len(s.seats) < s.limits.DocumentsPerConnection {
			break
		}
	}
	return len(s.seats) < s.limits.DocumentsPerConnection
}

// giveUpOldest gives up the seat that has not been asked for longest, if the client is neither subscribed nor present nor
// waiting for anything there. If it is, the next question is about another.
func (s *session) giveUpOldest() bool {
	at := s.seats[0]
	if !at.room.retire(at.member) {
		s.use(0)
		return false
	}
	s.seats = slices.Delete(s.seats, 0, 1)
	at.leave()
	s.visit.who.close()
	return true
}

// end leaves every room.
func (s *session) end() {
	for _, at := range s.seats {
		at.room.post(event{kind: eventLeave, member: at.member})
		at.leave()
		s.visit.who.close()
	}
	s.seats = nil
}
