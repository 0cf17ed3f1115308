package server

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/history"
)

// authorRun is a stretch of text that came with one edit.
type authorRun struct {
	Length int    `json:"length"`
	Person string `json:"person,omitempty"`
	// Time is when the edit began, Revision its first record and Until one above its last. All are absent where
	// the records are no longer kept.
	Time     int64  `json:"time,omitempty"`
	Revision uint64 `json:"revision"`
	Until    uint64 `json:"until,omitempty"`
}

type blameInfo struct {
	Revision uint64                `json:"revision"`
	Runs     []authorRun           `json:"runs"`
	People   map[string]personInfo `json:"people"`
}

// readBlame answers who wrote what of the text as it is now, or as it was at ?revision=.
func (s *Server) readBlame(c *gin.Context, d described) {
	revision := d.Revision
	if text := c.Query("revision"); text != "" {
		var ok bool
		if revision, ok = s.revisionIn(c, d, text); !ok {
			return
		}
	}
	runs, err := s.authors(c, d, revision, persons{})
	if err == nil && runs == nil {
		runs = []authorRun{}
	}
	answer := blameInfo{Revision: revision, Runs: runs}
	if err == nil {
		answer.People, err = s.people.of(d.Document)
	}
	if err != nil {
		s.failHistory(c, d, err)
		return
	}
	c.JSON(http.StatusOK, answer)
}

// authors returns who wrote what at a revision. Where the records are no longer kept, nobody knows.
func (s *Server) authors(ctx context.Context, d described, revision uint64, names persons) (runs []authorRun, err error) {
	if revision < d.First {
		return nil, nil
	}
	err = s.withTimeline(ctx, d, func(t *history.Timeline, log pastLog) error {
		blame, err := t.Blame(log, revision)
		if err != nil {
			return err
		}
		for r := range blame.Runs(0, blame.Len()) {
			edit, known := t.Edit(r.Origin.Revision)
			if !known {
				runs = append(runs, authorRun{Length: r.Len})
				continue
			}
			runs = append(runs, authorRun{r.Len, names.of(edit.Author), edit.Began, edit.From, edit.To})
		}
		return nil
	})
	return runs, err
}
