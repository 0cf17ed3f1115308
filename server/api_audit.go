package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"

	"github.com/gin-gonic/gin"
)

const (
	// maxEvents is the longest page of events, defaultEvents one that nothing else is said of.
	maxEvents, defaultEvents = 200, 50
)

// eventInfo is a change of access as the API describes it.
type eventInfo struct {
	// Number counts the events of a document.
	Number uint64 `json:"number"`
	// At is in milliseconds since the epoch, By the person who did it.
	At int64  `json:"at"`
	By string `json:"by"`
	accessEvent
}

type eventPage struct {
	Events []eventInfo `json:"events"`
	// Next continues the list as ?before=; absent at its end.
	Next *uint64 `json:"next,omitempty"`
}

// listEvents lists what was changed about the access to a document, the newest first.
func (s *Server) listEvents(c *gin.Context, d described) {
	limit, ok := queryNumber(c, "limit", defaultEvents, 1, maxEvents)
	if !ok {
		return
	}
	before, ok := queryNumber(c, "before", math.MaxUint64, 0, math.MaxUint64)
	if !ok {
		return
	}
	messages, err := s.audit.before(d.Document, before, int(limit))
	page := eventPage{Events: []eventInfo{}}
	for _, m := range messages {
		info := eventInfo{Number: m.Index, At: m.Time, By: personOf(m.Author)}
		err = errors.Join(err, json.Unmarshal(m.Payload, &info.accessEvent))
		page.Events = append(page.Events, info)
	}
	if err != nil {
		s.fail(c, fmt.Errorf("changes of access to %s: %w", d.Document, err))
		return
	}
	if n := len(page.Events); n == int(limit) && page.Events[n-1].Number > 0 {
		page.Next = &page.Events[n-1].Number
	}
	c.JSON(http.StatusOK, page)
}

// noteAccess notes what the caller has changed about the access to a document, or answers that this was not possible.
func (s *Server) noteAccess(c *gin.Context, document string, events ...accessEvent) bool {
	by := s.principal(c)
	for _, e := range events {
		s.logger.Info("access changed", "document", document, "by", personOf(by), "what", e.What, "from", e.From, "to", e.To, "of", e.Of, "link", e.Link)
	}
	if err := s.audit.note(c.Request.Context(), document, by, events); err != nil {
		s.fail(c, fmt.Errorf("note a change of access to %s: %w", document, err))
		return false
	}
	return true
}
