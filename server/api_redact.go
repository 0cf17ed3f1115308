package server

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"
)

type redactRequest struct {
	Revision *uint64 `json:"revision"`
	Index    *int    `json:"index"`
	Length   *int    `json:"length"`
}

// redactionInfo is a redaction as the API describes it.
type redactionInfo struct {
	Revision uint64 `json:"revision"`
	Length   int    `json:"length"`
	Person   string `json:"person"`
	At       int64  `json:"at"`
	Done     bool   `json:"done"`
}

func (r redaction) info() redactionInfo {
	return redactionInfo{r.Revision, r.Length, personOf(r.By), r.At, r.Done}
}

// listRedactions answers what was redacted, by whom and when.
func (s *Server) listRedactions(c *gin.Context, d described) {
	list := []redactionInfo{}
	for _, r := range d.meta.Redactions {
		list = append(list, r.info())
	}
	c.JSON(http.StatusOK, gin.H{"redactions": list})
}

// redactDocument takes text out of a document and its whole past, for its owner.
func (s *Server) redactDocument(c *gin.Context, d described) {
	var body redactRequest
	if !s.readJSON(c, &body) {
		return
	}
	r := redaction{Revision: d.Revision, By: s.principal(c), At: nowMillis()}
	if body.Revision != nil {
		r.Revision = *body.Revision
	}
	switch {
	case body.Index == nil || body.Length == nil || *body.Index < 0 || *body.Length < 1:
		problem(c, http.StatusBadRequest, `Say what is to be removed: {"revision": 42, "index": 10, "length": 8}.`)
		return
	case !s.checkRevision(c, d, r.Revision) || !s.checkRange(c, d, r.Revision, d.Revision):
		return
	}
	r.Index, r.Length = *body.Index, *body.Length
	text, err := s.past(d.Document).At(r.Revision)
	if err != nil {
		s.failHistory(c, d, err)
		return
	}
	if r.Length > text.Len() || r.Index > text.Len()-r.Length {
		problem(c, http.StatusBadRequest, fmt.Sprintf("At revision %d the document had %d characters; this reaches beyond them.", r.Revision, text.Len()))
		return
	}
	switch err := s.redact(c, d.Document, r); {
	case errors.Is(err, errManyRedactions):
		problem(c, http.StatusUnprocessableEntity, fmt.Sprintf("A document can be redacted %d times.", maxRedactions))
	case err != nil:
		s.failHistory(c, d, fmt.Errorf("redact: %w", err))
	default:
		r.Done = true
		c.JSON(http.StatusOK, r.info())
	}
}
