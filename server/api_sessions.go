package server

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/site"
	"github.com/quire-editor/quire/store"
)

// sessionsPath is where they are exchanged. No cookie counts there.
const sessionsPath = "/api/v1/sessions"

type sessionRequest struct {
	Token string `json:"token"`
}

// sessionInfo is what a page in another site gets for a token that the site has signed.
type sessionInfo struct {
	// Session is shown from then on, as a bearer token or in a handshake.
	Session  string      `json:"session"`
	Document string      `json:"document"`
	Role     access.Role `json:"role"`
	May      []string    `json:"may"`
	// Me is the user as others know them; Name and Color are what the site says.
	Me    string `json:"me"`
	Name  string `json:"name,omitempty"`
	Color string `json:"color,omitempty"`
	// Expires is in milliseconds since the epoch; ExpiresIn is how many of them are left, for whoever's clock is wrong.
	Expires   int64 `json:"expires"`
	ExpiresIn int64 `json:"expiresIn"`
	// Origins are those whose pages may have this session.
	Origins []string `json:"origins"`
}

// beginSession exchanges a token that another site has signed for a user of its own.
func (s *Server) beginSession(c *gin.Context) {
	var body sessionRequest
	if !s.readJSON(c, &body) {
		return
	}
	from, claims, err := s.assertions.Verify(c.Request.Context(), body.Token, s.findSite)
	switch {
	case errors.Is(err, site.ErrExpired):
		problemCode(c, http.StatusUnauthorized, "token-expired", "This token has expired. Get a new one from the site that signed it.")
		return
	case errors.Is(err, site.ErrInvalid):
		problemCode(c, http.StatusUnauthorized, "token-invalid", "This token is not believed: "+err.Error()+".")
		return
	case errors.Is(err, site.ErrBusy):
		c.Header("Retry-After", "60")
		problemCode(c, http.StatusServiceUnavailable, "server-busy", "Too many tokens are shown at once. Try again in a minute.")
		return
	case err != nil:
		s.fail(c, err)
		return
	}
	if claims.Create && !s.createFor(c, from, claims) {
		return
	}
	scope := access.Scope{Role: claims.Role, Documents: []string{claims.Document}}
	as := embeddedAs{Site: from.ID, Subject: claims.Subject, Scope: scope, Expires: claims.Expiry.Time().UnixMilli()}
	c.JSON(http.StatusCreated, sessionInfo{
		Session: s.sessions.token(as), Document: claims.Document, Role: claims.Role, May: access.Of(claims.Role).Names(),
		Me: personOf(as.principal()), Name: claims.Name, Color: claims.Color, Expires: as.Expires, ExpiresIn: as.Expires - nowMillis(),
		Origins: originsOf(from, claims),
	})
}

// originsOf returns whose pages may use a token: the site's, or those of them that the token names.
func originsOf(from *site.Site, claims *site.Claims) []string {
	if len(claims.Origins) == 0 {
		return from.Origins
	}
	return slices.DeleteFunc(slices.Clone(from.Origins), func(origin string) bool { return !slices.Contains(claims.Origins, origin) })
}

// createFor makes the document that a token is for, if there is none: the site's, and open only to those whom it lets in. It answers
// why that is not possible, if it is not.
func (s *Server) createFor(c *gin.Context, from *site.Site, claims *site.Claims) bool {
	kind, err := parseKind(claims.Kind, KindRich)
	if err != nil || !validDocument(claims.Document) || len(claims.Title) > maxTitle || strings.ContainsAny(claims.Title, "\r\n") {
		problemCode(c, http.StatusUnprocessableEntity, "token-invalid",
			"This token cannot create a document: that needs a whole ID (doc), a kind of text, markdown, code or rich, and a title of one line.")
		return false
	}
	if _, err = s.store.Info(claims.Document); errors.Is(err, store.ErrNotFound) {
		meta := metadata{Kind: kind, Title: claims.Title, Owner: sitePrincipal + from.ID, Access: &access.Access{General: access.None}}
		err = s.create(c.Request.Context(), claims.Document, meta, contentOf(kind, ""), meta.Owner)
	} // one that was deleted stays so
	if err != nil && !errors.Is(err, store.ErrConflict) { // else somebody was faster
		s.fail(c, fmt.Errorf("create %s for a site: %w", claims.Document, err))
		return false
	}
	return true
}

// sitePrincipal begins the name of a site as the owner of documents.
const sitePrincipal = "site:"
