package server

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gin-gonic/gin"
	"golang.org/x/oauth2"
)

const (
	// loginCookie remembers somebody who is on their way to the provider, for loginLife.
	loginCookie = "quire_login"
	loginLife   = 10 * time.Minute
)

// login sends somebody to the provider.
func (s *Server) login(c *gin.Context) {
	if !s.openID.isConfigured() {
		s.notFound(c)
		return
	}
	provider, err := s.openID.reach(c.Request.Context())
	if err != nil {
		s.logger.Error("nobody can sign in", "error", err)
		problem(c, http.StatusBadGateway, "Where people sign in cannot be reached at the moment. Try again in a minute.")
		return
	}
	next := c.Query("next")
	if !isBelowHost(next) {
		next = s.base + "/"
	}
	went := signingIn{newID(), newID(), oauth2.GenerateVerifier(), next, time.Now().Add(loginLife).UnixMilli()}
	s.setCookie(c, loginCookie, s.accounts.wrap("login", went))
	to := s.openID.client(provider, s.comeBackTo(c)).AuthCodeURL(went.State, oidc.Nonce(went.Nonce), oauth2.S256ChallengeOption(went.Verifier))
	c.Redirect(http.StatusFound, to)
}

// comeBackTo is where the provider sends people back to; it has to know that address.
func (s *Server) comeBackTo(c *gin.Context) string {
	return s.address(c.Request) + "/login/callback"
}

// loggedIn signs in somebody whom the provider has sent back.
func (s *Server) loggedIn(c *gin.Context) {
	value, _ := cookie(c.Request, loginCookie)
	var went signingIn
	known := s.accounts.unwrap("login", value, &went) && went.Expires > nowMillis()
	if !known || subtle.ConstantTimeCompare([]byte(went.State), []byte(c.Query("state"))) != 1 {
		problem(c, http.StatusBadRequest, "This did not begin here, or took too long. Sign in again.")
		return
	}
	s.dropCookie(c, loginCookie)
	if said := c.Query("error"); said != "" {
		problem(c, http.StatusForbidden, "You were not signed in.")
		return
	}
	who, err := s.openID.exchange(c.Request.Context(), s.comeBackTo(c), c.Query("code"), went)
	if err != nil {
		s.logger.Warn("somebody was not signed in", "error", err)
		problem(c, http.StatusBadGateway, "You could not be signed in. Try again; if that does not help, tell whoever runs this server.")
		return
	}
	s.setCookie(c, accountCookie, s.accounts.wrap("account", who))
	c.Redirect(http.StatusFound, went.Next)
}

// logout makes somebody a guest again.
func (s *Server) logout(c *gin.Context) {
	s.dropCookie(c, accountCookie)
	c.Status(http.StatusNoContent)
}

// signInFirst sends a guest to sign in where guests can do nothing, and says whether it did.
func (s *Server) signInFirst(c *gin.Context) bool {
	if caller := s.caller(c); !caller.Barred || !s.openID.isConfigured() {
		return false
	}
	c.Redirect(http.StatusFound, fmt.Sprintf("%s/login?next=%s", s.base, url.QueryEscape(s.base+c.Request.URL.RequestURI())))
	return true
}
