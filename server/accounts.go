package server

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"github.com/gin-gonic/gin"
)

// accounts recognises people who signed in, by a sealed cookie.
type accounts struct{ sealer }

// account is somebody who signed in.
type account struct {
	Principal string `json:"p"`
	Name      string `json:"n"`
	// Expires is in milliseconds since the epoch.
	Expires int64 `json:"e"`
	// Subject is who they are at the provider, Email their address there if the provider has verified it.
	Subject string `json:"s,omitempty"`
	Email   string `json:"m,omitempty"`
}

const (
	// accountPrefix begins the principals of accounts.
	accountPrefix = "account:"
	accountCookie = "quire_account"
	// accountLife is how long somebody stays signed in, in milliseconds.
	accountLife = 30 * 24 * 3600 * 1000
)

// accountOf returns the principal of a provider's subject.
func accountOf(issuer, subject string) string {
	sum := sha256.Sum256([]byte(issuer + "\x00" + subject))
	return accountPrefix + base64.RawURLEncoding.EncodeToString(sum[:15])
}

// of returns who a request is signed in as.
func (a accounts) of(req *http.Request) (who account, ok bool) {
	value, found := cookie(req, accountCookie)
	ok = found && a.unwrap("account", value, &who) && who.Expires > nowMillis()
	return who, ok
}

// meInfo is who the caller is, as the API describes it.
type meInfo struct {
	Person string `json:"person"`
	// Name is what the provider calls somebody who signed in.
	Name  string `json:"name,omitempty"`
	Guest bool   `json:"guest"`
	// SignIn is where one signs in, below the host; absent where nobody can.
	SignIn string `json:"signIn,omitempty"`
	// Admin says that one looks after the server.
	Admin bool `json:"admin,omitempty"`
	// Claimable is how many documents one has as a guest of this browser, and could make one's own.
	Claimable int `json:"claimable,omitempty"`
}

// readMe answers who the caller is.
func (s *Server) readMe(c *gin.Context) {
	info := meInfo{Person: s.caller(c).Person, Guest: isGuest(s.caller(c).Principal), Admin: s.isAdmin(c)}
	if who, ok := s.accounts.of(c.Request); ok {
		info.Name = who.Name
	}
	if s.openID.isConfigured() {
		info.SignIn = s.base + "/login"
	}
	var err error
	if info.Claimable, err = s.countClaimable(c); err != nil {
		s.fail(c, err)
		return
	}
	c.JSON(http.StatusOK, info)
}
