package server

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/access"
)

type grantRequest struct {
	Key      string `json:"key"`
	Password string `json:"password"`
}

// grantInfo is what a redeemed link gives, as the API describes it.
type grantInfo struct {
	Role access.Role `json:"role"`
	May  []string    `json:"may"`
	// Grant stands for it where there are no cookies, as a bearer token.
	Grant string `json:"grant"`
	// Expires is in milliseconds since the epoch.
	Expires int64 `json:"expires,omitempty"`
}

// redeemLink exchanges a link's key, and its password if it has one, for the rights that it gives. The key comes in the body, so
// that it is in no address that is logged.
func (s *Server) redeemLink(c *gin.Context) {
	d, err := s.describe(c.Param("document"))
	if err != nil {
		s.fail(c, err)
		return
	}
	var body grantRequest
	if !s.readJSON(c, &body) {
		return
	}
	caller := s.caller(c)
	if caller.Barred || caller.Scope != nil {
		s.refuse(c, "Links are for people who come without a token, on a server that lets them.")
		return
	}
	link, ok := s.checkLink(c, d.Document, body, caller)
	if !ok {
		return
	}
	guest, grant := s.principal(c), access.Grant{Document: d.Document, Link: link.ID}
	s.setCookie(c, grantCookie, s.grants.list(guest, caller.Grants, grant))
	caller.Grants = append(slices.Clone(caller.Grants), grant)
	rights, err := s.rightsIn(d.Document, d.meta, &caller)
	if err != nil {
		s.fail(c, err)
		return
	}
	c.JSON(http.StatusOK, grantInfo{rights.Role, rights.Names(), s.grants.token(guest, grant), link.Expires})
}

// checkLink returns the link that a request may redeem, or answers why it may not.
func (s *Server) checkLink(c *gin.Context, document string, body grantRequest, caller access.Caller) (access.Link, bool) {
	links, err := s.links.read(document)
	if err != nil {
		s.fail(c, err)
		return access.Link{}, false
	}
	i := access.FindLink(links.Value, body.Key)
	if i < 0 {
		problemCode(c, http.StatusNotFound, "link-unknown", "This link does not work: it is incomplete, or it was revoked. Ask whoever gave it to you for another.")
		return access.Link{}, false
	}
	link := links.Value[i]
	if link.HasExpired(nowMillis()) {
		problemCode(c, http.StatusGone, "link-expired", "This link has expired. Ask whoever gave it to you for another.")
		return link, false
	}
	if slices.Contains(caller.Grants, access.Grant{Document: document, Link: link.ID}) {
		return link, true
	}
	if link.Password != "" && !s.checkPassword(c, link, body.Password) {
		return link, false
	}
	switch err := s.useLink(c, document, link.ID); {
	case errors.Is(err, errNoLink):
		problemCode(c, http.StatusNotFound, "link-unknown", "This link was revoked. Ask whoever gave it to you for another.")
	case errors.Is(err, errUsedUp):
		problemCode(c, http.StatusGone, "link-used-up", "As many people have used this link as may. Ask whoever gave it to you for another.")
	case err != nil:
		s.fail(c, err)
	default:
		return link, true
	}
	return link, false
}

// checkPassword says whether a password is a link's, or answers that it is not.
func (s *Server) checkPassword(c *gin.Context, link access.Link, password string) bool {
	if password == "" {
		problemCode(c, http.StatusForbidden, "password-needed", "This link needs a password.")
		return false
	}
	if wait := s.attempts.take(link.ID); wait > 0 {
		c.Header("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		problemCode(c, http.StatusTooManyRequests, "too-many-attempts", "The password was wrong too often. Try again in a minute.")
		return false
	}
	right := false
	if !s.hash(c, func() { right = len(password) <= maxPassword && access.CheckPassword(link.Password, password) }) {
		return false
	}
	if !right {
		problemCode(c, http.StatusForbidden, "password-wrong", "This is not the password of this link.")
		return false
	}
	s.attempts.right(link.ID)
	return true
}

// useLink counts one more person who has redeemed a link. The room need not know.
func (s *Server) useLink(c *gin.Context, document, id string) error {
	err := s.links.change(c, document, func(all *[]access.Link) error {
		i := slices.IndexFunc(*all, func(l access.Link) bool { return l.ID == id })
		if i < 0 {
			return errNoLink
		}
		link := &(*all)[i]
		if link.IsUsedUp() {
			return errUsedUp
		}
		link.Uses++
		link.LastUsed = nowMillis()
		return nil
	})
	if err != nil {
		return fmt.Errorf("use a link of %s: %w", document, err)
	}
	return nil
}
