package server

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/store"
)

// cookieSeconds is how long a browser is asked to remember who it is.
const cookieSeconds = 5 * 365 * 24 * 3600

// setCookie gives a browser what it is known by.
func (s *Server) setCookie(c *gin.Context, name, value string) {
	secure := s.proxies.secure(c.Request)
	if secure && s.base == "" {
		name = hostPrefix + name
	}
	http.SetCookie(c.Writer, &http.Cookie{
		Name: name, Value: value, Path: s.cookiePath(), MaxAge: cookieSeconds,
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	})
}

// dropCookie has a browser forget what it is known by.
func (s *Server) dropCookie(c *gin.Context, name string) {
	secure := s.proxies.secure(c.Request)
	for _, name := range []string{name, hostPrefix + name} {
		http.SetCookie(c.Writer, &http.Cookie{
			Name: name, Path: s.cookiePath(), MaxAge: -1, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
		})
	}
}

// hostPrefix begins the names of cookies that no other host can have set: browsers see to that, where the connection is encrypted and
// the server is at the root of its host.
const hostPrefix = "__Host-"

// cookie returns what a browser is known by. Browsers that were here before have it under its name alone.
func cookie(req *http.Request, name string) (string, bool) {
	for _, name := range []string{hostPrefix + name, name} {
		if found, err := req.Cookie(name); err == nil {
			return found.Value, true
		}
	}
	return "", false
}

// cookiePath is for which addresses a guest is known.
func (s *Server) cookiePath() string {
	if s.base == "" {
		return "/"
	}
	return s.base
}

// may calls next with what the store knows of the document in the address, if there is one and the caller may do that with it.
func (s *Server) may(action access.Action, next func(c *gin.Context, d described)) gin.HandlerFunc {
	return func(c *gin.Context) {
		d, ok := s.find(c)
		switch {
		case !ok:
		case d.meta.Trashed == 0:
			if s.allows(c, d, action) && s.informed(c, d) {
				next(c, d)
			}
		case s.allows(c, d, access.Read): // what is in the trash is nobody else's business
			problemCode(c, http.StatusGone, codeTrashed, inTrash)
		}
	}
}

// informed sees to it that the caller's site is told what they do, if they are another site's user, or answers that it cannot be.
func (s *Server) informed(c *gin.Context, d described) bool {
	caller := s.caller(c)
	err := s.keepInformed(c.Request.Context(), d.Document, &caller)
	if err != nil {
		s.fail(c, err)
	}
	return err == nil
}

// find looks up the document in the address, with what the caller may do with it, were it not in the trash; or answers why that is not
// possible.
func (s *Server) find(c *gin.Context) (described, bool) {
	d, err := lookUp(s.store, c.Param("document"))
	if err == nil && d.meta.Discarded {
		err = store.ErrNotFound
	}
	if err == nil {
		caller, meta := s.caller(c), d.meta
		meta.Trashed = 0
		d.rights, err = s.rightsIn(d.Document, meta, &caller)
	}
	if err != nil {
		s.fail(c, err)
	}
	return d, err == nil
}

// rightsIn returns what somebody may do with a document now.
func (s *Server) rightsIn(document string, m metadata, caller *access.Caller) (access.Rights, error) {
	policy := m.policy(document)
	if caller.HasGrant(document) {
		links, err := s.links.read(document)
		if err != nil {
			return access.Rights{}, err
		}
		policy.Links = links.Value
	}
	return policy.Rights(caller, nowMillis()), nil
}

// allows says whether the caller may do something with a document, or answers that they may not.
func (s *Server) allows(c *gin.Context, d described, action access.Action) bool {
	switch {
	case d.rights.Allow(action):
		return true
	case !d.rights.Allow(access.Read): // all else would tell what there is
		s.refuse(c, access.Read.Refusal())
	default:
		s.refuse(c, action.Refusal())
	}
	return false
}

// refuse refuses a request that the caller may not make.
func (s *Server) refuse(c *gin.Context, why string) {
	status := http.StatusForbidden
	if caller := s.caller(c); caller.Barred {
		status = http.StatusUnauthorized
		c.Header("WWW-Authenticate", "Bearer")
	}
	problem(c, status, why)
}

// described is what the store knows of a document beside its text.
type described struct {
	store.Info
	meta metadata
	// rights are the caller's, of a request.
	rights access.Rights
}

// modified is when something about a document changed that people would call the document.
func (d *described) modified() int64 {
	if u := d.meta.Unedited; u != nil && u.Revision == d.Revision {
		return u.Modified
	}
	return d.Modified
}

// describe looks a document up. The error is store.ErrNotFound if it was never created or has been deleted, and with that errTrashed if
// it is in the trash.
func (s *Server) describe(document string) (described, error) {
	d, err := lookUp(s.store, document)
	if err == nil && d.meta.Trashed != 0 {
		err = fmt.Errorf("look up %s: %w", document, errTrashed)
	}
	return d, err
}

// lookUp is describe for a document that may be in the trash.
func lookUp(st *store.Store, document string) (described, error) {
	if !validDocument(document) {
		return described{}, store.ErrNotFound
	}
	info, err := st.Info(document)
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
	return described{Info: info, meta: meta}, nil
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
