package server

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/access"
)

// restricted is what the API calls a general access of nobody.
const restricted = "restricted"

// maxShared is how many people may have a role of their own in one document.
const maxShared = 500

// accessInfo is the access to a document as the API describes it.
type accessInfo struct {
	// Role and May are the caller's, who is Me to others.
	Role access.Role `json:"role"`
	May  []string    `json:"may"`
	Me   string      `json:"me"`
	// General is the role of anyone who has the address, or "restricted".
	General string `json:"general"`
	// People are those with roles of their own, for who may share the document.
	People []sharedWith `json:"people,omitempty"`
}

// sharedWith is a person with a role. Name and Color are what they said last, if they did.
type sharedWith struct {
	Person string `json:"person"`
	personInfo
	Role access.Role `json:"role"`
}

// readAccess answers what the caller may do with a document, and who else what if they may share it.
func (s *Server) readAccess(c *gin.Context, d described) { s.answerAccess(c, d) }

func (s *Server) answerAccess(c *gin.Context, d described) {
	policy := d.meta.policy(d.Document)
	info := accessInfo{Role: d.rights.Role, May: d.rights.Names(), Me: s.caller(c).Person, General: string(policy.General)}
	if policy.General == access.None {
		info.General = restricted
	}
	if d.rights.Allow(access.Share) {
		var err error
		if info.People, err = s.sharedWith(d.Document, policy); err != nil {
			s.fail(c, err)
			return
		}
	}
	c.Header("ETag", etag(policy.Version))
	c.JSON(http.StatusOK, info)
}

// sharedWith lists those with roles of their own: whoever created the document, then the others.
func (s *Server) sharedWith(document string, policy access.Policy) ([]sharedWith, error) {
	names, err := s.people.of(document)
	if err != nil {
		return nil, err
	}
	creator := personOf(policy.Owner)
	list := []sharedWith{}
	if policy.Owner != "" {
		list = append(list, sharedWith{creator, names[creator], access.Owner})
	}
	for _, person := range slices.Sorted(maps.Keys(policy.People)) {
		if person != creator {
			list = append(list, sharedWith{person, names[person], policy.People[person]})
		}
	}
	return list, nil
}

// accessRequest changes what is present in it. A person whose role is null has none any more.
type accessRequest struct {
	General *string                 `json:"general"`
	People  map[string]*access.Role `json:"people"`
}

// changeAccess changes who may do what with a document, at once for everybody who has it open.
func (s *Server) changeAccess(c *gin.Context, d described) {
	var body accessRequest
	if !s.readJSON(c, &body) || !body.valid(c, d.meta) {
		return
	}
	match, before := c.GetHeader("If-Match"), access.Access{}
	d, err := s.amend(c.Request.Context(), d, func(m *metadata) error {
		policy := m.policy(d.Document)
		if match != "" && !matches(match, etag(policy.Version)) {
			return errAccessMoved
		}
		before = policy.Access
		changed, err := body.apply(before)
		m.Access = &changed
		return err
	})
	switch {
	case errors.Is(err, errAccessMoved):
		problem(c, http.StatusPreconditionFailed, "Somebody else changed who has access meanwhile. Look again, and repeat your change.")
	case errors.Is(err, errFull):
		problem(c, http.StatusUnprocessableEntity, fmt.Sprintf("At most %d people can have a role of their own in one document.", maxShared))
	case err != nil:
		s.fail(c, fmt.Errorf("change access to %s: %w", d.Document, err))
	case s.noteAccess(c, d.Document, difference(before, d.meta.policy(d.Document).Access)...):
		caller := s.caller(c)
		if d.rights, err = s.rightsIn(d.Document, d.meta, &caller); err != nil {
			s.fail(c, err)
			return
		}
		s.answerAccess(c, d)
	}
}

// errAccessMoved is returned when access is not what a change to it was made for.
var errAccessMoved = errors.New("access was changed meanwhile")

// valid answers what is wrong with a request, if anything is.
func (body accessRequest) valid(c *gin.Context, m metadata) bool {
	if body.General == nil && len(body.People) == 0 {
		problem(c, http.StatusBadRequest, `Say what is to change: {"general": "viewer", "people": {"PERSON": "editor"}}.`)
		return false
	}
	if g := body.General; g != nil && *g != restricted && (*g == "" || !access.Editor.Includes(access.Role(*g)) || !access.Role(*g).IsKnown()) {
		problem(c, http.StatusBadRequest, "Anyone with the address can be viewer, commenter or editor; or access is restricted.")
		return false
	}
	for person, role := range body.People {
		switch {
		case !validPersonID.MatchString(person):
			problem(c, http.StatusBadRequest, "A person is named as the history and the list of those present name them.")
			return false
		case role != nil && (*role == access.None || !role.IsKnown()):
			problem(c, http.StatusBadRequest, "A role is viewer, commenter, editor or owner; null for none.")
			return false
		case person == personOf(m.Owner):
			problem(c, http.StatusUnprocessableEntity, "Whoever created a document stays its owner.")
			return false
		}
	}
	return true
}

// apply returns the access as it is after a request.
func (body accessRequest) apply(a access.Access) (access.Access, error) {
	if g := body.General; g != nil {
		if a.General = access.Role(*g); *g == restricted {
			a.General = access.None
		}
	}
	people := maps.Clone(a.People)
	for person, role := range body.People {
		if role == nil {
			delete(people, person)
			continue
		}
		if people == nil {
			people = map[string]access.Role{}
		}
		people[person] = *role
	}
	if len(people) > maxShared {
		return a, errFull
	}
	a.People = people
	a.Version++
	return a, nil
}
