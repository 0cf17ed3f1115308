package server

import (
	"context"
	"errors"
	"maps"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/store"
)

// Who signs in was often a guest before, in the same browser, and has created documents as such. They become the account's when the
// user says so, and not by themselves: several people may use one browser, one after the other.

// guestBehind returns as which guest the browser of somebody who signed in is known, if it is.
func (s *Server) guestBehind(c *gin.Context) (access.Caller, bool) {
	guest, known := s.guests.principal(c.Request)
	if !known || isGuest(s.caller(c).Principal) || c.GetHeader("Authorization") != "" {
		return access.Caller{}, false
	}
	return access.Caller{Principal: guest, Person: personOf(guest)}, true
}

// countClaimable returns how many documents the caller could make theirs.
func (s *Server) countClaimable(c *gin.Context) (int, error) {
	guest, ok := s.guestBehind(c)
	if !ok {
		return 0, nil
	}
	documents, err := s.documentsOf(&guest)
	return len(documents), err
}

// claimDocuments gives the caller what they have as a guest, document by document: interrupted, it goes on the next time.
func (s *Server) claimDocuments(c *gin.Context) {
	guest, ok := s.guestBehind(c)
	if !ok {
		problem(c, http.StatusConflict, "There is nothing to make yours: sign in with the browser in which you were a guest.")
		return
	}
	documents, err := s.documentsOf(&guest)
	claimed := 0
	for i := 0; i < len(documents) && err == nil; i++ {
		if err = s.claim(c.Request.Context(), documents[i], &guest, s.caller(c)); err == nil {
			claimed++
		}
		if errors.Is(err, store.ErrNotFound) {
			err = nil // it went meanwhile
		}
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"documents": claimed})
}

// claim gives somebody what a guest has of a document: that they created it, or their role.
func (s *Server) claim(ctx context.Context, d described, guest *access.Caller, to access.Caller) error {
	// Afterwards it would not be found again to go on with.
	if err := s.tags.move(ctx, d.Document, guest.Person, to.Person); err != nil {
		return err
	}
	before, owned := access.Access{}, false
	d, err := s.amendUnseen(ctx, d, func(m *metadata) error {
		before = m.policy(d.Document).Access
		if owned = m.Owner == guest.Principal; owned {
			m.Owner = to.Principal
		}
		if role, had := before.People[guest.Person]; had {
			after := before
			after.People = maps.Clone(before.People)
			delete(after.People, guest.Person)
			after.People[to.Person] = access.Higher(role, before.People[to.Person])
			after.Version++
			m.Access = &after
		}
		return nil
	})
	if err != nil {
		return err
	}
	events := difference(before, d.meta.policy(d.Document).Access)
	if owned {
		events = append(events, accessEvent{What: eventRole, To: access.Owner, Of: to.Person})
	}
	return s.audit.note(ctx, d.Document, to.Principal, events)
}
