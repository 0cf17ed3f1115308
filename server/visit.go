package server

import (
	"errors"
	"slices"

	"github.com/quire-editor/quire/server/access"
)

// visit is who has a connection. A token in the handshake settles that anew; only the goroutine that reads the connection does.
type visit struct {
	who    *principal
	caller access.Caller
	conn   Conn
}

var (
	// errSomebodyElse is returned for the token of another person than who a connection has been taken for.
	errSomebodyElse = errors.New("this connection is somebody else's already")
	// errManyConnections is returned to whoever has as many as one person may have.
	errManyConnections = errors.New("too many connections of one person")
	// errManyOfSite is returned to users of a site who have as many together as the site may have.
	errManyOfSite = errors.New("too many connections of one site's users")
)

// begin notes that the connection of a visit is made. A token that was revoked meanwhile is found out.
func (s *Server) begin(v *visit) {
	v.who.attach(v.conn)
	if s.isRevoked(v.caller.Principal) {
		v.conn.Close(CloseUnauthorized, "this token was revoked")
	}
}

// end notes that a connection has ended, or has not come about.
func (s *Server) end(v *visit) {
	v.who.detach(v.conn)
	s.principals.leave(v.who)
}

// show makes a visit that of whoever a token stands for. Once the connection has been used that cannot be somebody else.
func (s *Server) show(v *visit, token string, used bool) error {
	caller, err := s.recognise(token)
	if err != nil {
		return err
	}
	if caller.Principal != v.caller.Principal {
		if used {
			return errSomebodyElse
		}
		who, err := s.principals.enter(caller.Principal)
		if err != nil {
			return err
		}
		s.end(v)
		v.who = who
	}
	v.caller = caller
	s.begin(v)
	return nil
}

// attach notes a connection by which somebody is here; once, however often a token is renewed on it.
func (p *principal) attach(conn Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Contains(p.conns, conn) {
		p.conns = append(p.conns, conn)
	}
}

func (p *principal) detach(conn Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns = slices.DeleteFunc(p.conns, func(other Conn) bool { return other == conn })
}

// dismiss ends every connection of those whose names are meant.
func (ps *principals) dismiss(meant func(name string) bool, code int, reason string) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for name, p := range ps.here {
		if meant(name) {
			p.dismiss(code, reason)
		}
	}
}

func (p *principal) dismiss(code int, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		conn.Close(code, reason)
	}
}
