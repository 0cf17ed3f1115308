package server

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/store"
)

// principal returns who makes the request, and gives somebody new the means to be known again.
func (s *Server) principal(c *gin.Context) string {
	principal, known := s.guests.principal(c.Request)
	if !known {
		s.guests.remember(c.Writer, principal, s.cookiePath(), s.proxies.secure(c.Request))
	}
	return principal
}

// cookiePath is for which addresses a guest is known.
func (s *Server) cookiePath() string {
	if s.base == "" {
		return "/"
	}
	return s.base
}

// withDocument calls next with what the store knows of the document in the address, if there is one.
func (s *Server) withDocument(next func(c *gin.Context, d described)) gin.HandlerFunc {
	return func(c *gin.Context) {
		d, err := s.describe(c.Param("document"))
		if err != nil {
			s.fail(c, err)
			return
		}
		next(c, d)
	}
}

// described is what the store knows of a document beside its text.
type described struct {
	store.Info
	meta metadata
}

// describe looks a document up. The error is store.ErrNotFound if it was never created or has been deleted.
func (s *Server) describe(document string) (described, error) {
	if !validDocument(document) {
		return described{}, store.ErrNotFound
	}
	info, err := s.store.Info(document)
	if err != nil {
		return described{}, fmt.Errorf("look up %s: %w", document, err)
	}
	meta, err := decodeMetadata(info.Meta)
	if err == nil && meta.Deleted {
		err = store.ErrNotFound
	}
	if err != nil {
		return described{}, fmt.Errorf("look up %s: %w", document, err)
	}
	return described{info, meta}, nil
}

// view returns a document as it is now: from its room if it is open, else from the store.
func (s *Server) view(ctx context.Context, document string) (View, error) {
	if p := s.rooms.find(document); p != nil {
		if view, err := p.view(ctx); err == nil {
			return view, nil
		}
	}
	from, err := s.load(document)
	if err != nil {
		return View{}, err
	}
	return View{from.head.revision, from.head.exists, from.meta, from.head.text}, nil
}

// view asks the room for the document.
func (p *place) view(ctx context.Context) (View, error) {
	result := make(chan View, 1)
	p.tell(func(r *Room) { r.View(func(v View) { result <- v }) })
	select {
	case v := <-result:
		return v, nil
	case <-p.gone:
		return View{}, errRoomEnded
	case <-ctx.Done():
		return View{}, ctx.Err()
	}
}

// tell has f run in the room, without waiting for it.
func (p *place) tell(f func(*Room)) {
	<-p.ready
	if p.err == nil {
		p.runner.post(event{kind: eventCall, call: f})
	}
}

// allowedOrigin says whether a page of this origin may open a socket here. Programs that are not browsers send none.
func (s *Server) allowedOrigin(req *http.Request) bool {
	origin := req.Header.Get("Origin")
	if origin == "" || slices.Contains(s.origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, s.proxies.host(req))
}
