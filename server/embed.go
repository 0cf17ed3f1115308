package server

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/store"
)

// embedPage answers a document's page for a frame in a page of a site that may embed it. A document that is not there has one too:
// a token may create it.
func (s *Server) embedPage(c *gin.Context) {
	document := c.Param("document")
	origins, err := s.embedders(document)
	if err != nil {
		s.fail(c, err)
		return
	}
	if stranger := s.framedBy(c.Request, origins); stranger != "" {
		// The browser would show an empty frame, and whoever made the page would not know why.
		c.Header("Content-Security-Policy", "default-src 'none'; frame-ancestors *")
		c.String(http.StatusForbidden, "Pages of %s may not show documents of this server.\n\nWhoever runs it can allow that:\n\n"+
			"    quire site add --origin %s --audience ... NAME\n", stranger, stranger)
		return
	}
	c.Header("Content-Security-Policy", contentPolicy+" "+strings.Join(origins, " "))
	status := http.StatusOK
	switch _, err := s.describe(document); {
	case errors.Is(err, errTrashed):
		status = http.StatusGone
	case errors.Is(err, store.ErrNotFound):
		status = http.StatusNotFound
	case err != nil:
		s.fail(c, err)
		return
	}
	s.principal(c)
	s.pages.framed(c, status, origins)
}

// embedders returns the origins of the sites that may embed a document.
func (s *Server) embedders(document string) ([]string, error) {
	sites, err := s.sites.all()
	var origins []string
	for _, known := range sites {
		if scope := (access.Scope{Documents: known.Documents}); scope.Includes(document) {
			origins = append(origins, known.Origins...)
		}
	}
	return origins, err
}

// framedBy returns the origin of the page that shows a request's answer in a frame, if it may not; "" if it may, or does not say who
// it is. Then the browser decides, by the policy.
func (s *Server) framedBy(req *http.Request, origins []string) string {
	if !slices.Contains([]string{"iframe", "frame", "embed", "object"}, req.Header.Get("Sec-Fetch-Dest")) {
		return ""
	}
	from, err := url.Parse(req.Referer())
	if err != nil || from.Host == "" || strings.EqualFold(from.Host, s.proxies.host(req)) {
		return ""
	}
	if origin := from.Scheme + "://" + from.Host; !slices.Contains(origins, origin) {
		return origin
	}
	return ""
}
