package server

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/access"
)

// A page in a frame of another site has no cookies, and an <img> shows no token. So the addresses of pictures carry a ticket there. An
// address may be logged on the way, so a ticket is for the pictures of one document alone, and for ten minutes; and what it stands
// for is looked up each time, so that revoking a link or forgetting a site ends it.

// ticket opens the pictures of a document.
type ticket struct {
	Document string `json:"d"`
	// Link was redeemed by whoever has it, or they are a user of Site.
	Link string `json:"l,omitempty"`
	Site string `json:"s,omitempty"`
	// Expires is in milliseconds since the epoch.
	Expires int64 `json:"e"`
}

const (
	// ticketSeal is the kind of seal on it, ticketLife how long it lasts, in milliseconds.
	ticketSeal = "ticket"
	ticketLife = 10 * 60 * 1000
)

// ticketInfo is a ticket as the API gives it.
type ticketInfo struct {
	Ticket string `json:"ticket"`
	// Expires is in milliseconds since the epoch.
	Expires int64 `json:"expires"`
}

// giveTicket answers what opens a document's pictures where there are no cookies.
func (s *Server) giveTicket(c *gin.Context, d described) {
	caller := s.caller(c)
	given := ticket{Document: d.Document, Expires: nowMillis() + ticketLife}
	user, ofSite := strings.CutPrefix(caller.Principal, embedPrincipal)
	switch {
	case ofSite:
		given.Site, _, _ = strings.Cut(user, ":")
		given.Expires = min(given.Expires, caller.Expires)
	case caller.Scope == nil && len(caller.Grants) == 1 && caller.HasGrant(d.Document):
		given.Link = caller.Grants[0].Link
	default:
		problem(c, http.StatusConflict, "Tickets are for pages without cookies, that show what a link or a site gave them.")
		return
	}
	c.JSON(http.StatusOK, ticketInfo{s.guests.wrap(ticketSeal, given), given.Expires})
}

// ticketed takes a request for a picture for that of whoever has the ticket in its address.
func (s *Server) ticketed(c *gin.Context) {
	var shown ticket
	if !s.guests.unwrap(ticketSeal, c.Query("ticket"), &shown) || shown.Document != c.Param("document") || shown.Expires <= nowMillis() {
		return
	}
	if shown.Site != "" {
		caller := s.callerFor(embedPrincipal + shown.Site + ":")
		if !s.isRevoked(caller.Principal) {
			caller.Scope = &access.Scope{Role: access.Viewer, Documents: []string{shown.Document}}
			c.Set(callerKey, caller)
		}
		return
	}
	caller := s.callerFor(guestPrefix + "ticket")
	caller.Grants = []access.Grant{{Document: shown.Document, Link: shown.Link}}
	c.Set(callerKey, caller)
}
