package server

import (
	"strings"

	"github.com/quire-editor/quire/server/access"
)

// sessions recognises the tokens that a page in another site gets for one that the site has signed: those are for one use, and
// these until they expire.
type sessions struct{ sealer }

// embeddedAs is who a user of another site is here, and for what.
type embeddedAs struct {
	Site    string       `json:"s"`
	Subject string       `json:"u"`
	Scope   access.Scope `json:"c"`
	// Expires is in milliseconds since the epoch.
	Expires int64 `json:"e"`
}

const (
	// sessionPrefix begins such a token.
	sessionPrefix = "quire_s_"
	// embedPrincipal begins the principals of users of other sites; the site's ID follows.
	embedPrincipal = "embed:"
)

func (e embeddedAs) principal() string { return embedPrincipal + e.Site + ":" + e.Subject }

// token returns what stands for a user of another site.
func (s sessions) token(e embeddedAs) string { return sessionPrefix + s.wrap("session", e) }

// read returns whom a token stands for, whether it has expired or not.
func (s sessions) read(token string) (e embeddedAs, ok bool) {
	ok = s.unwrap("session", strings.TrimPrefix(token, sessionPrefix), &e)
	return e, ok
}

// embeddedCaller returns whom a session's token stands for, if its site is known yet.
func (s *Server) embeddedCaller(token string) (access.Caller, error) {
	e, ok := s.sessions.read(token)
	if !ok || s.isRevoked(e.principal()) {
		return access.Caller{}, errToken
	}
	if e.Expires <= nowMillis() {
		return access.Caller{}, errExpired
	}
	caller := s.callerFor(e.principal())
	caller.Scope, caller.Expires, caller.MayCreate = &e.Scope, e.Expires, false
	return caller, nil
}
