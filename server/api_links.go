package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/access"
)

const (
	// maxLinks is how many links a document can have.
	maxLinks = 100
	// maxLabel and maxPassword are in bytes.
	maxLabel, maxPassword = 200, 200
	// maxUsesOfLink is the largest number that a link may be limited to.
	maxUsesOfLink = 1_000_000
)

// linkInfo is a link as the API describes it. Times are milliseconds since the epoch.
type linkInfo struct {
	ID          string      `json:"id"`
	Role        access.Role `json:"role"`
	Label       string      `json:"label"`
	CurrentOnly bool        `json:"currentOnly"`
	Password    bool        `json:"password"`
	Expires     int64       `json:"expires,omitempty"`
	MaxUses     int         `json:"maxUses,omitempty"`
	Uses        int         `json:"uses"`
	// By is the person who made it.
	By       string `json:"by"`
	At       int64  `json:"at"`
	LastUsed int64  `json:"lastUsed,omitempty"`
	// Works is false once it has expired or is used up.
	Works bool `json:"works"`
	// Key and Path are told once, when it is made: only a hash is kept.
	Key  string `json:"key,omitempty"`
	Path string `json:"path,omitempty"`
}

func infoOf(l *access.Link) linkInfo {
	return linkInfo{
		ID: l.ID, Role: l.Role, Label: l.Label, CurrentOnly: l.CurrentOnly, Password: l.Password != "", Expires: l.Expires,
		MaxUses: l.MaxUses, Uses: l.Uses, By: personOf(l.By), At: l.At, LastUsed: l.LastUsed,
		Works: !l.HasExpired(nowMillis()) && !l.IsUsedUp(),
	}
}

// Errors of links.
var (
	errNoLink    = errors.New("no such link")
	errManyLinks = errors.New("too many links")
	errUsedUp    = errors.New("the link is used up")
)

func (s *Server) listLinks(c *gin.Context, d described) {
	stored, err := s.links.read(d.Document)
	if err != nil {
		s.fail(c, err)
		return
	}
	list := []linkInfo{}
	for i := range stored.Value {
		list = append(list, infoOf(&stored.Value[i]))
	}
	c.JSON(http.StatusOK, gin.H{"links": list})
}

type linkRequest struct {
	Role        access.Role `json:"role"`
	Label       string      `json:"label"`
	CurrentOnly bool        `json:"currentOnly"`
	Password    string      `json:"password"`
	Expires     int64       `json:"expires"`
	MaxUses     int         `json:"maxUses"`
}

// valid answers what is wrong with a request, if anything is.
func (body linkRequest) valid(c *gin.Context, general access.Role) bool {
	switch {
	case body.Role == access.None || !access.Editor.Includes(body.Role) || !body.Role.IsKnown():
		problem(c, http.StatusBadRequest, "A link makes whoever has it viewer, commenter or editor.")
	case body.CurrentOnly && body.Role == access.Commenter:
		problem(c, http.StatusBadRequest, "Who sees only the current version sees no messages, and so cannot write any. Choose viewer or editor.")
	case general.Includes(body.Role):
		problemCode(c, http.StatusUnprocessableEntity, "link-without-effect",
			"Anyone who has the address may do as much already, and could cut such a link to the address. Let anyone with the address do less first.")
	case len(body.Label) > maxLabel || strings.ContainsAny(body.Label, "\r\n"):
		problem(c, http.StatusBadRequest, fmt.Sprintf("The label of a link is one line of at most %d bytes.", maxLabel))
	case len(body.Password) > maxPassword:
		problem(c, http.StatusBadRequest, fmt.Sprintf("A password has at most %d bytes.", maxPassword))
	case body.Expires != 0 && body.Expires <= nowMillis():
		problem(c, http.StatusBadRequest, "A link cannot expire before now. Times are in milliseconds since 1970; 0 is never.")
	case body.MaxUses < 0 || body.MaxUses > maxUsesOfLink:
		problem(c, http.StatusBadRequest, fmt.Sprintf("A link can be for 1 to %d people, or for any number (0).", maxUsesOfLink))
	default:
		return true
	}
	return false
}

// createLink makes a link. Its key is in the answer and nowhere else.
func (s *Server) createLink(c *gin.Context, d described) {
	var body linkRequest
	policy := d.meta.policy(d.Document)
	if !s.readJSON(c, &body) || !body.valid(c, policy.General) {
		return
	}
	key := newID()
	link := access.Link{
		ID: newID()[:linkIDLength], Role: body.Role, Label: strings.TrimSpace(body.Label), CurrentOnly: body.CurrentOnly,
		Key: access.HashKey(key), Expires: body.Expires, MaxUses: body.MaxUses, By: s.principal(c), At: nowMillis(),
	}
	if body.Password != "" {
		if !s.hash(c, func() { link.Password = access.HashPassword(body.Password) }) {
			return
		}
	}
	err := s.changeLinks(c, d.Document, func(all *[]access.Link) error {
		if len(*all) >= maxLinks {
			return errManyLinks
		}
		*all = append(*all, link)
		return nil
	})
	if errors.Is(err, errManyLinks) || errors.Is(err, errFull) {
		problem(c, http.StatusUnprocessableEntity, fmt.Sprintf("A document can have %d links. Delete one that is no longer needed.", maxLinks))
		return
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	if !s.noteAccess(c, d.Document, accessEvent{What: eventLinkMade, To: link.Role, Link: link.ID, Label: link.Label}) {
		return
	}
	info := infoOf(&link)
	info.Key, info.Path = key, s.base+"/d/"+d.Document+"#k="+key
	c.Header("Location", fmt.Sprintf("%s/api/v1/documents/%s/links/%s", s.base, d.Document, link.ID))
	c.JSON(http.StatusCreated, info)
}

// linkIDLength is how many letters name a link: enough that no two of a document have the same.
const linkIDLength = 12

// deleteLink revokes a link, at once for everybody who came by it.
func (s *Server) deleteLink(c *gin.Context, d described) {
	revoked := accessEvent{What: eventLinkRevoked}
	err := s.changeLinks(c, d.Document, func(all *[]access.Link) error {
		i := slices.IndexFunc(*all, func(l access.Link) bool { return l.ID == c.Param("link") })
		if i < 0 {
			return errNoLink
		}
		l := (*all)[i]
		revoked.From, revoked.Link, revoked.Label = l.Role, l.ID, l.Label
		*all = slices.Delete(*all, i, i+1)
		return nil
	})
	switch {
	case errors.Is(err, errNoLink):
		problem(c, http.StatusNotFound, "There is no such link; it may have been revoked.")
	case err != nil:
		s.fail(c, err)
	case s.noteAccess(c, d.Document, revoked):
		c.Status(http.StatusNoContent)
	}
}

// changeLinks changes the links of a document and tells its room.
func (s *Server) changeLinks(ctx context.Context, document string, fn func(*[]access.Link) error) error {
	if err := s.links.change(ctx, document, fn); err != nil {
		return err
	}
	p := s.rooms.find(document)
	if p == nil {
		return nil
	}
	links, err := s.links.read(document)
	if err != nil {
		return err
	}
	p.tell(func(r *Room) { r.Relink(links.Value, links.version) })
	return nil
}

// hash runs what hashes a password: a few at a time, since each takes memory. It answers and returns false if nobody waits for it any more.
func (s *Server) hash(c *gin.Context, f func()) bool {
	select {
	case s.hashing <- struct{}{}:
	case <-c.Request.Context().Done():
		problem(c, http.StatusServiceUnavailable, "This took too long. Try again.")
		return false
	}
	defer func() { <-s.hashing }()
	f()
	return true
}
