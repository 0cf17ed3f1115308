package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/wire"
)

// editRequest is an edit of the document as it was at revision Base.
type editRequest struct {
	Base  *uint64         `json:"base"`
	Delta json.RawMessage `json:"delta"`
}

// maxIdempotencyKey bounds an Idempotency-Key, in bytes.
const maxIdempotencyKey = 128

// editDocument puts an edit through the document's room, where it is carried over what others did since its base. It answers
// once that is on disk. With an Idempotency-Key the edit is made once, however often it is sent.
func (s *Server) editDocument(c *gin.Context, d described) {
	var body editRequest
	if !s.readJSON(c, &body) {
		return
	}
	if body.Base == nil || body.Delta == nil {
		problem(c, http.StatusBadRequest, "An edit has a base, the revision that it was made against, and a delta.")
		return
	}
	edit, err := ot.DecodeJSON(body.Delta, s.limits.delta())
	if err != nil {
		problem(c, http.StatusUnprocessableEntity, "The delta cannot be read: "+err.Error()+".")
		return
	}
	principal := s.principal(c)
	source, key := newID(), c.GetHeader("Idempotency-Key")
	if len(key) > maxIdempotencyKey {
		problem(c, http.StatusBadRequest, fmt.Sprintf("An Idempotency-Key has at most %d bytes.", maxIdempotencyKey))
		return
	}
	if key != "" {
		source = "edit\x00" + principal + "\x00" + key
	}
	p, err := s.rooms.acquire(c.Request.Context(), d.Document)
	if err != nil {
		s.fail(c, err)
		return
	}
	defer s.rooms.release(p)
	revision, err := p.submit(c.Request.Context(), submission{
		src: sourceOf(source), seq: 1, base: *body.Base, change: change{changeEdit, edit}, principal: principal,
	})
	if refusal, ok := errors.AsType[*wire.Error](err); ok && refusal.Code == wire.CodeVersionAhead {
		problem(c, http.StatusConflict, "The edit is of a revision that the document has not reached. Read it again.")
		return
	}
	if err != nil {
		s.fail(c, fmt.Errorf("edit %s at revision %d: %w", d.Document, *body.Base, err))
		return
	}
	c.Header("ETag", etag(revision))
	c.JSON(http.StatusOK, gin.H{"id": d.Document, "revision": revision})
}
