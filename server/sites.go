package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/quire-editor/quire/server/site"
)

// maxSites is how many sites may be known.
const maxSites = 100

// Errors of sites, for operators.
var (
	errNoSite    = errors.New("there is no such site")
	errManySites = fmt.Errorf("there are %d sites already; remove one that is no longer needed", maxSites)
)

// AddSite makes a site known, under an ID that it gets, and returns it with the secret for its tokens, if it signs with one.
func (s *Server) AddSite(ctx context.Context, added site.Site) (site.Site, string, error) {
	if err := added.Check(); err != nil {
		return added, "", err
	}
	for _, document := range added.Documents {
		if !validPattern(document) {
			return added, "", fmt.Errorf("%q is not the ID of a document, nor the beginning of some and a *", document)
		}
	}
	added.ID, added.At = newID()[:linkIDLength], nowMillis()
	if err := s.sites.add(ctx, added, maxSites, errManySites); err != nil {
		return added, "", fmt.Errorf("add a site: %w", err)
	}
	if err := s.refreshCallbacks(); err != nil {
		return added, "", err
	}
	if added.Algorithm != site.Secret {
		return added, "", nil
	}
	return added, s.siteSecret(added.ID), nil
}

// validPattern says whether a text is a document's ID, or the beginning of some and a "*".
func validPattern(text string) bool {
	return text == "*" || validDocument(strings.TrimSuffix(text, "*"))
}

// Sites returns all sites, the oldest first.
func (s *Server) Sites() ([]site.Site, error) { return s.sites.all() }

// RemoveSite forgets a site, and ends every connection made with a token of it.
func (s *Server) RemoveSite(ctx context.Context, id string) error {
	if err := s.sites.remove(ctx, func(known site.Site) bool { return known.ID == id }, errNoSite); err != nil {
		return fmt.Errorf("remove a site: %w", err)
	}
	if err := s.refreshCallbacks(); err != nil {
		return err
	}
	ofSite := func(name string) bool { return strings.HasPrefix(name, embedPrincipal+id+":") }
	s.principals.dismiss(ofSite, CloseUnauthorized, "the site that embeds this is known no more")
	return nil
}

// findSite returns a site and its secret.
func (s *Server) findSite(id string) (*site.Site, []byte, bool) {
	all, err := s.sites.all()
	i := slices.IndexFunc(all, func(known site.Site) bool { return known.ID == id })
	if err != nil || i < 0 {
		return nil, nil, false
	}
	return &all[i], []byte(s.siteSecret(id)), true
}

// siteOf returns the site that vouches for a principal, "" for none, and how many connections its users may have together.
func (s *Server) siteOf(principal string) (id string, most int) {
	user, embedded := strings.CutPrefix(principal, embedPrincipal)
	if !embedded {
		return "", 0
	}
	id, _, _ = strings.Cut(user, ":")
	if known, _, ok := s.findSite(id); ok {
		most = known.Sessions
	}
	return id, most
}

// siteSecret is what a site signs its tokens with. It follows from the server's own secret, so that it is kept nowhere.
func (s *Server) siteSecret(id string) string { return s.guests.seal("site", id) }
