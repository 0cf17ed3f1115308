package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// embedPage answers a document's page for a frame in a page of a known site.
func (s *Server) embedPage(c *gin.Context) {
	sites, err := s.sites.all()
	if err != nil {
		s.fail(c, err)
		return
	}
	var origins []string
	for _, known := range sites {
		origins = append(origins, known.Origins...)
	}
	if stranger := s.framedBy(c.Request, origins); stranger != "" {
		// The browser would show an empty frame, and whoever made the page would not know why.
		c.Header("Content-Security-Policy", "default-src 'none'; frame-ancestors *")
		c.String(http.StatusForbidden, "Pages of %s may not show documents of this server.\n\nWhoever runs it can allow that:\n\n"+
			"    quire site add --origin %s --audience ... NAME\n", stranger, stranger)
		return
	}
	c.Header("Content-Security-Policy", contentPolicy+" "+strings.Join(origins, " "))
	s.showDocument(c)
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
