package server

import (
	"context"
	"errors"
	"net/http"
	"regexp"

	"github.com/gin-gonic/gin"
)

// people keeps by which names those who edited a document are shown in its history. A name is what its bearer said last.
type people struct {
	companion[map[string]personInfo]
}

type personInfo struct {
	Name  string `json:"name"`
	Color string `json:"color,omitempty"`
}

const (
	// maxPersonName is the longest name, in bytes.
	maxPersonName = 100
	// maxPeople is how many names are kept beside a document.
	maxPeople = 400
)

var validColor = regexp.MustCompile(`^(#[0-9a-fA-F]{3,8}|[a-z0-9-]{0,32})$`)

func (p people) of(document string) (map[string]personInfo, error) {
	v, err := p.read(document)
	if v.Value == nil {
		v.Value = map[string]personInfo{}
	}
	return v.Value, err
}

func (p people) name(ctx context.Context, document, who string, as personInfo) error {
	return p.change(ctx, document, func(all *map[string]personInfo) error {
		if *all == nil {
			*all = map[string]personInfo{}
		}
		if _, known := (*all)[who]; !known && len(*all) == maxPeople {
			return errFull
		}
		(*all)[who] = as
		return nil
	})
}

// nameMe notes by which name the caller is shown in a document's history.
func (s *Server) nameMe(c *gin.Context, d described) {
	var body personInfo
	if !s.readJSON(c, &body) {
		return
	}
	if body.Name == "" || len(body.Name) > maxPersonName || !validColor.MatchString(body.Color) {
		problem(c, http.StatusBadRequest, "A name has 1 to 100 bytes, and a colour is written as #1a2b3c.")
		return
	}
	who := personOf(s.principal(c))
	err := s.people.name(c, d.Document, who, body)
	if errors.Is(err, errFull) {
		problem(c, http.StatusUnprocessableEntity, "The names of very many people are kept with this document; there is no room for more.")
		return
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"person": who, "name": body.Name, "color": body.Color})
}
