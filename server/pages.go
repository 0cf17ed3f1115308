package server

import (
	"bytes"
	"errors"
	"html"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/websocket"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/store"
)

// pages is the built front end.
type pages struct {
	files fs.FS
	// base is the path that the server is below; "" if it is below none.
	base string
}

const unbuilt = "The page has not been built. Run \"make build\" and start Quire again.\n"

// page answers one of the front end's HTML files.
func (p pages) page(c *gin.Context, status int, name string) { p.pageWith(c, status, name, "") }

// framed answers a document's page for a frame, and tells it in pages of which origins that may be.
func (p pages) framed(c *gin.Context, status int, origins []string) {
	p.pageWith(c, status, "document.html", `<meta name="embedders" content="`+html.EscapeString(strings.Join(origins, " "))+`">`)
}

// pageWith answers an HTML file with something more in its head.
func (p pages) pageWith(c *gin.Context, status int, name, more string) {
	if p.files == nil {
		c.String(http.StatusServiceUnavailable, unbuilt)
		return
	}
	page, err := fs.ReadFile(p.files, name)
	if err != nil {
		c.String(http.StatusServiceUnavailable, unbuilt)
		return
	}
	c.Header("Cache-Control", "no-cache")
	// The build leaves addresses that are relative to where the server is, and pages lie deeper than that.
	page = bytes.ReplaceAll(page, []byte(`="./`), []byte(`="`+p.base+`/`))
	page = bytes.Replace(page, []byte("</head>"), []byte(more+"</head>"), 1)
	c.Data(status, "text/html; charset=utf-8", page)
}

func (s *Server) startPage(c *gin.Context) {
	if s.signInFirst(c) {
		return
	}
	s.principal(c)
	s.pages.page(c, http.StatusOK, "index.html")
}

// documentAddress answers at the one address that a document has: with its socket, the document itself or its page, as the
// client asks.
func (s *Server) documentAddress(c *gin.Context) {
	c.Header("Vary", "Accept, Upgrade")
	switch {
	case websocket.IsWebSocketUpgrade(c.Request):
		s.socket(c)
	case c.NegotiateFormat(gin.MIMEHTML, gin.MIMEJSON) == gin.MIMEJSON:
		s.may(access.Read, s.readDocument)(c)
	default:
		s.documentPage(c)
	}
}

func (s *Server) documentPage(c *gin.Context) {
	if !s.signInFirst(c) {
		s.showDocument(c)
	}
}

func (s *Server) showDocument(c *gin.Context) {
	_, err := s.describe(c.Param("document"))
	switch {
	case errors.Is(err, errTrashed): // the page finds out for whom it is there
		s.principal(c)
		s.pages.page(c, http.StatusGone, "document.html")
	case errors.Is(err, store.ErrNotFound):
		s.pages.page(c, http.StatusNotFound, "missing.html")
	case err != nil:
		s.fail(c, err)
	default:
		s.principal(c)
		s.pages.page(c, http.StatusOK, "document.html")
	}
}

// file answers the front end's scripts, styles and pictures. Those under /assets/ have their hash in their name and never
// change; nor does a version of the script that pages of other sites load.
func (s *Server) file(c *gin.Context) {
	name := strings.TrimPrefix(path.Clean(c.Request.URL.Path), "/")
	if s.pages.files == nil || !isFile(s.pages.files, name) || strings.HasPrefix(path.Base(name), ".") {
		s.notFound(c)
		return
	}
	if path.Ext(name) == ".html" {
		s.pages.page(c, http.StatusOK, name)
		return
	}
	if strings.HasPrefix(name, "embed") {
		c.Header("Cross-Origin-Resource-Policy", "cross-origin")
		c.Header("Access-Control-Allow-Origin", "*") // modules are asked for so
	}
	if strings.HasPrefix(name, "assets/") || strings.HasPrefix(name, "embed@") {
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		c.Header("Cache-Control", "no-cache") // the service worker among them: by it pages learn of a new version
	}
	c.FileFromFS(name, http.FS(s.pages.files))
}

// notFound answers an address that means nothing: people get a page, programs a problem.
func (s *Server) notFound(c *gin.Context) {
	if strings.Contains(c.GetHeader("Accept"), "text/html") {
		s.pages.page(c, http.StatusNotFound, "missing.html")
		return
	}
	problem(c, http.StatusNotFound, "There is nothing at this address.")
}

func isFile(files fs.FS, name string) bool {
	info, err := fs.Stat(files, name)
	return err == nil && !info.IsDir()
}
