package server

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/store"
)

// trashedInfo is a document in the trash as the API describes it. Times are milliseconds since the epoch.
type trashedInfo struct {
	documentInfo
	Trashed int64 `json:"trashed"`
	// Until is when it is removed for good; absent if that is up to somebody.
	Until int64 `json:"until,omitempty"`
}

func (s *Server) trashedAnswer(d described) trashedInfo {
	return trashedInfo{d.answer(), d.meta.Trashed, s.until(d.meta)}
}

// trashDocument puts a document into the trash.
func (s *Server) trashDocument(c *gin.Context, d described) {
	d, err := s.trash(c.Request.Context(), d)
	if err != nil {
		s.fail(c, err)
		return
	}
	s.logger.Info("document put into the trash", "document", d.Document, "by", s.caller(c).Person)
	c.JSON(http.StatusOK, s.trashedAnswer(d))
}

// fromTrash calls next with a document in the trash, if there is one in the address and the caller may delete it.
func (s *Server) fromTrash(next func(c *gin.Context, d described)) gin.HandlerFunc {
	return func(c *gin.Context) {
		d, ok := s.find(c)
		switch {
		case !ok:
		case d.meta.Trashed == 0:
			if s.allows(c, d, access.Read) {
				problem(c, http.StatusNotFound, "This document is not in the trash.")
			}
		case d.rights.Allow(access.Delete):
			next(c, d)
		case s.allows(c, d, access.Read):
			problemCode(c, http.StatusForbidden, codeTrashed, inTrash)
		}
	}
}

func (s *Server) readTrashed(c *gin.Context, d described) { c.JSON(http.StatusOK, s.trashedAnswer(d)) }

// restoreTrashed brings a document back from the trash.
func (s *Server) restoreTrashed(c *gin.Context, d described) {
	rights := d.rights
	d, err := s.untrash(c.Request.Context(), d)
	if err != nil {
		s.fail(c, err)
		return
	}
	d.rights = rights
	s.logger.Info("document restored from the trash", "document", d.Document, "by", s.caller(c).Person)
	c.JSON(http.StatusOK, d.answer())
}

// discardTrashed removes a document in the trash for good.
func (s *Server) discardTrashed(c *gin.Context, d described) {
	if err := s.discard(c.Request.Context(), d); err != nil {
		s.fail(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}

type trashList struct {
	Documents []trashedInfo `json:"documents"`
	// Next continues the list as ?after=; "" at its end.
	Next string `json:"next"`
}

// listTrash lists what the caller has in the trash, the newest first.
func (s *Server) listTrash(c *gin.Context) {
	all, err := s.trashOf(c)
	if err != nil {
		s.fail(c, err)
		return
	}
	page, next, ok := pageAsked(c, all, trashedLast)
	if !ok {
		return
	}
	answer := trashList{Documents: []trashedInfo{}, Next: next}
	for _, l := range page {
		answer.Documents = append(answer.Documents, s.trashedAnswer(l.described))
	}
	c.JSON(http.StatusOK, answer)
}

// emptyOwnTrash removes all that the caller has in the trash for good.
func (s *Server) emptyOwnTrash(c *gin.Context) {
	all, err := s.trashOf(c)
	for i := 0; i < len(all) && err == nil; i++ {
		if err = s.discard(c.Request.Context(), all[i].described); errors.Is(err, store.ErrNotFound) {
			err = nil // it was restored or removed meanwhile
		}
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}

// trashOf returns what the caller has in the trash and may delete.
func (s *Server) trashOf(c *gin.Context) (all []listed, err error) {
	caller := s.caller(c)
	documents, err := s.documentsOf(&caller)
	for _, d := range documents {
		if d.meta.Trashed != 0 && d.rights.Allow(access.Delete) {
			all = append(all, listed{described: d})
		}
	}
	return all, err
}
