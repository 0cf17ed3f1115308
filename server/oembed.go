package server

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/store"
)

// oEmbed is what a site shows where somebody has put a document's address, by https://oembed.com.
type oEmbed struct {
	Version  string `json:"version"`
	Type     string `json:"type"`
	Provider string `json:"provider_name"`
	Title    string `json:"title"`
	HTML     string `json:"html"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
}

// frameWidth and frameHeight are those of a frame if nobody says otherwise, in pixels.
const frameWidth, frameHeight = 800, 500

// answerOEmbed answers with a frame for reading a document that is open to everybody.
func (s *Server) answerOEmbed(c *gin.Context) {
	if format := c.DefaultQuery("format", "json"); format != "json" {
		problem(c, http.StatusNotImplemented, "There is only JSON.")
		return
	}
	here := s.address(c.Request)
	asked, err := url.Parse(c.Query("url"))
	document, found := "", false
	if err == nil {
		asked.Fragment, asked.RawQuery = "", ""
		document, found = strings.CutPrefix(asked.String(), here+"/d/")
	}
	if !found || !validDocument(document) {
		problem(c, http.StatusNotFound, "url is the address of a document of this server, such as "+here+"/d/DOCUMENT.")
		return
	}
	anybody := access.Caller{Barred: s.auth == AuthAll}
	d, err := s.describe(document)
	rights := access.Rights{}
	if err == nil {
		rights, err = s.rightsIn(document, d.meta, &anybody)
	}
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, errTrashed), err == nil && !rights.Allow(access.Read):
		problem(c, http.StatusNotFound, "There is no such document, or it is not open to everybody.") // which, is nobody's business
		return
	case err != nil:
		s.fail(c, err)
		return
	}
	width, height := atMost(c.Query("maxwidth"), frameWidth), atMost(c.Query("maxheight"), frameHeight)
	frame := fmt.Sprintf(`<iframe src="%s/embed/%s?readonly" title="%s" width="%d" height="%d" style="border:0"></iframe>`,
		html.EscapeString(here), document, html.EscapeString(d.meta.Title), width, height)
	c.JSON(http.StatusOK, oEmbed{"1.0", "rich", "Quire", d.meta.Title, frame, width, height})
}

// address is where a request found this server, without a slash at the end.
func (s *Server) address(req *http.Request) string {
	scheme := "http"
	if s.proxies.secure(req) {
		scheme = "https"
	}
	return scheme + "://" + s.proxies.host(req) + s.base
}

// atMost returns a size, or less if a query says so.
func atMost(query string, size int) int {
	if most, err := strconv.Atoi(query); err == nil && most > 0 {
		return min(most, size)
	}
	return size
}
