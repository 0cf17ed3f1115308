package server

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/access"
)

// Auth says what is needed to create and to open documents.
type Auth string

// What may be needed. Whoever has no account and no token is a guest.
const (
	// AuthOpen lets guests create documents, and open those whose access lets them.
	AuthOpen Auth = "open"
	// AuthCreate lets guests open documents, but not create any.
	AuthCreate Auth = "create"
	// AuthAll lets guests do nothing.
	AuthAll Auth = "all"
)

// callerKey is under which a request knows who makes it.
const callerKey = "caller"

// caller returns who makes a request, with what they show for it.
func (s *Server) caller(c *gin.Context) access.Caller {
	if known, ok := c.Get(callerKey); ok {
		return known.(access.Caller)
	}
	principal, _ := s.guests.principal(c.Request)
	if who, ok := s.accounts.of(c.Request); ok {
		principal = who.Principal
	}
	caller := s.callerFor(principal)
	caller.Grants = s.grants.of(c.Request, principal)
	c.Set(callerKey, caller)
	return caller
}

// known takes a request for that of whoever its token stands for, if it has one. One that stands for nobody is refused: to go on
// as a guest would hide what is wrong.
func (s *Server) known(c *gin.Context) {
	scheme, token, _ := strings.Cut(c.GetHeader("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return
	}
	caller, err := s.recognise(token)
	switch {
	case errors.Is(err, errExpired):
		c.Header("WWW-Authenticate", `Bearer error="invalid_token"`)
		problemCode(c, http.StatusUnauthorized, "token-expired", "This token has expired.")
	case errors.Is(err, errToken):
		c.Header("WWW-Authenticate", `Bearer error="invalid_token"`)
		problemCode(c, http.StatusUnauthorized, "token-invalid", "This token is not valid, or no longer.")
	case err != nil:
		s.fail(c, err)
	default:
		c.Set(callerKey, caller)
	}
}

var (
	// errToken is returned for a token that stands for nobody, errExpired for one that did for a time.
	errToken   = errors.New("the token is not valid, or no longer")
	errExpired = errors.New("the token has expired")
)

// recognise returns who a token stands for.
func (s *Server) recognise(text string) (access.Caller, error) {
	switch {
	case strings.HasPrefix(text, grantPrefix):
		guest, grant, ok := s.grants.read(text)
		if !ok {
			return access.Caller{}, errToken
		}
		caller := s.callerFor(guest)
		caller.Grants = []access.Grant{grant}
		return caller, nil
	case strings.HasPrefix(text, tokenPrefix):
		token, err := s.findToken(text)
		if err != nil {
			return access.Caller{}, err
		}
		return s.callerOf(token), nil
	case strings.HasPrefix(text, sessionPrefix):
		return s.embeddedCaller(text)
	}
	return access.Caller{}, errToken
}

// callerFor returns a principal as a caller who shows nothing more.
func (s *Server) callerFor(principal string) access.Caller {
	guest := isGuest(principal)
	return access.Caller{
		Principal: principal, Person: personOf(principal),
		Barred: guest && s.auth == AuthAll, MayCreate: !guest || s.auth == AuthOpen || s.auth == "",
	}
}

// isGuest says whether a principal is somebody who has no account and no token.
func isGuest(principal string) bool { return strings.HasPrefix(principal, guestPrefix) }

// isKnown says whether a request shows anything by which its maker is known.
func (s *Server) isKnown(c *gin.Context) bool {
	_, guest := s.guests.principal(c.Request)
	return guest || !isGuest(s.caller(c).Principal) || c.GetHeader("Authorization") != ""
}

// principal returns who makes a request, and gives a new guest the means to be known again.
func (s *Server) principal(c *gin.Context) string {
	caller := s.caller(c)
	if !s.isKnown(c) {
		s.setCookie(c, guestCookie, s.guests.value(caller.Principal))
	}
	return caller.Principal
}

// mayCreate says whether the caller may create documents, or answers that they may not.
func (s *Server) mayCreate(c *gin.Context) bool {
	if caller := s.caller(c); caller.MayCreate && !caller.Barred {
		return true
	}
	c.Header("WWW-Authenticate", "Bearer")
	problem(c, http.StatusUnauthorized, mayNotCreate)
	return false
}
