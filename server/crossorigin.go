package server

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// newProtection refuses requests that pages of other sites make a browser send, but for those of some origins.
func newProtection(origins []string) *http.CrossOriginProtection {
	p := http.NewCrossOriginProtection()
	for _, origin := range origins {
		_ = p.AddTrustedOrigin(origin) // it is one: see the flag
	}
	return p
}

// ownPages refuses requests that change something and that a page of another site had a browser send, with the user's cookies.
// What carries a token needs no such care: a page that has it may use it.
func (s *Server) ownPages(c *gin.Context) {
	if strings.HasPrefix(c.GetHeader("Authorization"), "Bearer ") {
		return
	}
	req := c.Request
	if host := s.proxies.host(req); host != req.Host {
		req = req.Clone(req.Context())
		req.Host = host
	}
	if s.protection.Check(req) != nil {
		problem(c, http.StatusForbidden, "Pages of another site may not do this for you.")
	}
}
