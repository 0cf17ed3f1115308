package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/quire-editor/quire/server/access"
)

// sessions recognises the tokens that a page in another site gets for one that the site has signed: those are for one use, and
// these until they expire.
type sessions struct{ secret []byte }

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
func (s sessions) token(e embeddedAs) string {
	said, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	text := base64.RawURLEncoding.EncodeToString(said)
	return sessionPrefix + text + "." + s.seal(text)
}

// read returns whom a token stands for, whether it has expired or not.
func (s sessions) read(token string) (e embeddedAs, ok bool) {
	text, seal, _ := strings.Cut(strings.TrimPrefix(token, sessionPrefix), ".")
	if !hmac.Equal([]byte(seal), []byte(s.seal(text))) {
		return e, false
	}
	said, err := base64.RawURLEncoding.DecodeString(text)
	return e, err == nil && json.Unmarshal(said, &e) == nil
}

func (s sessions) seal(text string) string {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte("session\x00" + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
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
