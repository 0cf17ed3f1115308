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

// versions are the names that people gave to revisions of documents. With a retention they are kept for ever.
type versions struct{ companion[[]version] }

// version is a named revision.
type version struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Revision uint64 `json:"revision"`
	// By is the principal who named it.
	By string `json:"by"`
	// At is when it was named, in milliseconds since the epoch.
	At int64 `json:"at"`
}

// versionInfo is a version as the API describes it.
type versionInfo struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Revision uint64 `json:"revision"`
	Person   string `json:"person"`
	At       int64  `json:"at"`
}

func (v version) info() versionInfo {
	return versionInfo{v.ID, v.Name, v.Revision, personOf(v.By), v.At}
}

const (
	// maxVersions is how many versions of a document may be named.
	maxVersions = 200
	// maxVersionName is the longest name, in bytes.
	maxVersionName = 200
)

// Errors of versions.
var (
	errNoVersion    = errors.New("no such version")
	errNotYours     = errors.New("somebody else's")
	errManyVersions = errors.New("too many versions")
)

// of returns the versions of a document in order of their revisions.
func (v versions) of(document string) ([]versionInfo, error) {
	stored, err := v.read(document)
	if err != nil {
		return nil, err
	}
	list := []versionInfo{}
	for _, named := range stored.Value {
		list = append(list, named.info())
	}
	slices.SortStableFunc(list, func(a, b versionInfo) int { return int(int64(a.Revision) - int64(b.Revision)) })
	return list, nil
}

func (v versions) add(ctx context.Context, document string, named version) error {
	return v.change(ctx, document, func(all *[]version) error {
		if len(*all) >= maxVersions {
			return errManyVersions
		}
		*all = append(*all, named)
		return nil
	})
}

// amend changes or removes a version that may(version) allows to.
func (v versions) amend(ctx context.Context, document, id string, may func(version) bool, do func(*[]version, int)) error {
	return v.change(ctx, document, func(all *[]version) error {
		i := slices.IndexFunc(*all, func(other version) bool { return other.ID == id })
		if i < 0 {
			return errNoVersion
		}
		if !may((*all)[i]) {
			return errNotYours
		}
		do(all, i)
		return nil
	})
}

type versionRequest struct {
	Name     string  `json:"name"`
	Revision *uint64 `json:"revision"`
}

func (s *Server) listVersions(c *gin.Context, d described) {
	list, err := s.versions.of(d.Document)
	if err != nil {
		s.fail(c, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"versions": list})
}

// createVersion names a revision, the newest if none is said.
func (s *Server) createVersion(c *gin.Context, d described) {
	body, ok := s.readVersion(c)
	if !ok {
		return
	}
	revision := d.Revision
	if body.Revision != nil {
		if revision = *body.Revision; !s.checkRevision(c, d, revision) {
			return
		}
	}
	named := version{newID(), body.Name, revision, s.principal(c), nowMillis()}
	if err := s.versions.add(c, d.Document, named); err != nil {
		s.failVersion(c, err)
		return
	}
	c.Header("Location", fmt.Sprintf("%s/api/v1/documents/%s/versions/%s", s.base, d.Document, named.ID))
	c.JSON(http.StatusCreated, named.info())
}

func (s *Server) renameVersion(c *gin.Context, d described) {
	body, ok := s.readVersion(c)
	if !ok {
		return
	}
	var renamed version
	err := s.versions.amend(c, d.Document, c.Param("version"), s.mayAmend(c, d), func(all *[]version, i int) {
		(*all)[i].Name = body.Name
		renamed = (*all)[i]
	})
	if err != nil {
		s.failVersion(c, err)
		return
	}
	c.JSON(http.StatusOK, renamed.info())
}

func (s *Server) deleteVersion(c *gin.Context, d described) {
	err := s.versions.amend(c, d.Document, c.Param("version"), s.mayAmend(c, d), func(all *[]version, i int) {
		*all = slices.Delete(*all, i, i+1)
	})
	if err != nil {
		s.failVersion(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}

// mayAmend says of a version whether the caller may change it: who named it may, and the document's owner.
func (s *Server) mayAmend(c *gin.Context, d described) func(version) bool {
	principal := s.principal(c)
	return func(v version) bool { return v.By == principal || d.rights.Role == access.Owner }
}

func (s *Server) readVersion(c *gin.Context) (versionRequest, bool) {
	var body versionRequest
	if !s.readJSON(c, &body) {
		return body, false
	}
	body.Name = strings.TrimSpace(body.Name)
	if body.Name == "" || len(body.Name) > maxVersionName || strings.ContainsAny(body.Name, "\r\n") {
		problem(c, http.StatusBadRequest, fmt.Sprintf("The name of a version is one line of 1 to %d bytes.", maxVersionName))
		return body, false
	}
	return body, true
}

func (s *Server) failVersion(c *gin.Context, err error) {
	switch {
	case errors.Is(err, errNoVersion):
		problem(c, http.StatusNotFound, "There is no such version; it may have been deleted.")
	case errors.Is(err, errNotYours):
		problem(c, http.StatusForbidden, "Only whoever named a version, or the document's owner, can change it.")
	case errors.Is(err, errManyVersions), errors.Is(err, errFull):
		problem(c, http.StatusUnprocessableEntity, fmt.Sprintf("A document can have %d named versions. Delete one that is no longer needed.", maxVersions))
	default:
		s.fail(c, err)
	}
}
