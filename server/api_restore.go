package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/ot/textdiff"
	"github.com/quire-editor/quire/server/history"
)

type restoreRequest struct {
	Revision *uint64 `json:"revision"`
}

// restored answers what putting something back led to: Base is the revision before, Revision the one after.
type restored struct {
	Base     uint64 `json:"base"`
	Revision uint64 `json:"revision"`
}

// restoreRevision makes the document what it was at a revision by the smallest edit. Nothing is rewritten: restoring the revision
// from before undoes it.
func (s *Server) restoreRevision(c *gin.Context, d described) {
	var body restoreRequest
	if !s.readJSON(c, &body) {
		return
	}
	if body.Revision == nil {
		problem(c, http.StatusBadRequest, `Say which revision to restore: {"revision": 42}.`)
		return
	}
	if !s.checkRevision(c, d, *body.Revision) {
		return
	}
	old, err := s.past(d.Document).At(*body.Revision)
	if err != nil {
		s.failHistory(c, d, err)
		return
	}
	answer, err := s.putBack(c, d, func(view View) (ot.Delta, error) {
		return wellFormed(view, textdiff.Documents(view.text, old)), nil
	})
	if err != nil {
		s.failHistory(c, d, err)
		return
	}
	c.JSON(http.StatusOK, answer)
}

// wellFormed leaves rich text its final newline, which some old states lack.
func wellFormed(view View, d ot.Delta) ot.Delta {
	if view.meta.Kind != KindRich || !removesFinalNewline(view.text, d) {
		return d
	}
	return ot.Compose(d, ot.Delta{ot.RetainOp(view.text.Len()+d.ChangeLen(), ot.Attributes{}), ot.InsertText("\n", ot.Attributes{})})
}

// undoRequest names what one person did between two revisions.
type undoRequest struct {
	Person string  `json:"person"`
	From   *uint64 `json:"from"`
	To     *uint64 `json:"to"`
}

// undoPreview is what undoing would do to the text as it is now.
type undoPreview struct {
	Revision uint64          `json:"revision"`
	Delta    json.RawMessage `json:"delta"`
	// Removes and Restores count units.
	Removes  int `json:"removes"`
	Restores int `json:"restores"`
}

// previewUndo answers what undoing one person's work between two revisions would do now.
func (s *Server) previewUndo(c *gin.Context, d described) {
	from, to, ok := s.rangeIn(c, d, c.Query("from"), c.Query("to"))
	if !ok || !validPerson(c, c.Query("person")) {
		return
	}
	work, err := s.contribution(d, c.Query("person"), from, to)
	if err != nil {
		s.failHistory(c, d, err)
		return
	}
	delta, err := undoAt(work, d.Revision)
	if err != nil {
		s.failHistory(c, d, err)
		return
	}
	answer := undoPreview{Revision: d.Revision, Delta: ot.AppendJSON(nil, delta)}
	for _, op := range delta {
		switch {
		case op.IsInsert():
			answer.Restores += op.Len()
		case op.Kind() == ot.Delete:
			answer.Removes += op.Len()
		}
	}
	c.JSON(http.StatusOK, answer)
}

// undoAuthor takes back what one person did between two revisions, and nothing else.
func (s *Server) undoAuthor(c *gin.Context, d described) {
	var body undoRequest
	if !s.readJSON(c, &body) {
		return
	}
	if body.From == nil || body.To == nil {
		problem(c, http.StatusBadRequest, `Say whose work between which revisions: {"person": "...", "from": 10, "to": 42}.`)
		return
	}
	if !validPerson(c, body.Person) || !s.checkRevision(c, d, *body.From) || !s.checkRevision(c, d, *body.To) || !s.checkRange(c, d, *body.From, *body.To) {
		return
	}
	work, err := s.contribution(d, body.Person, *body.From, *body.To)
	if err != nil {
		s.failHistory(c, d, err)
		return
	}
	answer, err := s.putBack(c, d, func(view View) (ot.Delta, error) {
		delta, err := undoAt(work, view.Revision)
		return wellFormed(view, delta), err
	})
	if err != nil {
		s.failHistory(c, d, err)
		return
	}
	c.JSON(http.StatusOK, answer)
}

func validPerson(c *gin.Context, who string) bool {
	if who == "" {
		problem(c, http.StatusBadRequest, "Say whose work is to be undone, by the person that the history names.")
		return false
	}
	return true
}

// contribution returns what one person did between two revisions. That somebody created the document cannot be undone.
func (s *Server) contribution(d described, who string, from, to uint64) (*history.Contribution, error) {
	names := persons{}
	by := func(author string) bool { return names.of(author) == who }
	return history.NewContribution(s.past(d.Document), by, max(from, 1), to)
}

// undoAt returns what takes a contribution back at a revision.
func undoAt(work *history.Contribution, revision uint64) (ot.Delta, error) {
	if err := work.Advance(revision); err != nil {
		return nil, err
	}
	return work.Undo(), nil
}

// putBackTries is how often an edit from history is computed anew because others were faster. After that it is merged with what
// they did, as any edit is.
const putBackTries = 20

// errMoved is returned when others changed a document since an edit was made.
var errMoved = errors.New("others changed the document meanwhile")

// putBack submits an edit computed from history, by the caller, to the document as it is.
func (s *Server) putBack(c *gin.Context, d described, edit func(View) (ot.Delta, error)) (restored, error) {
	p, err := s.rooms.acquire(c, d.Document)
	if err != nil {
		return restored{}, err
	}
	defer s.rooms.release(p)
	author := s.principal(c)
	for try := 1; ; try++ {
		view, err := p.view(c)
		if err != nil {
			return restored{}, err
		}
		delta, err := edit(view)
		if err != nil {
			return restored{}, err
		}
		if len(delta) == 0 {
			return restored{view.Revision, view.Revision}, nil
		}
		revision, err := p.submit(c, submission{
			src: historySource + newID(), seq: 1, base: view.Revision, alone: try < putBackTries,
			change: change{changeEdit, delta}, principal: author,
		})
		if !errors.Is(err, errMoved) {
			return restored{view.Revision, revision}, wrapPutBack(d, view.Revision, err)
		}
	}
}

func wrapPutBack(d described, revision uint64, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("put back in %s at revision %d: %w", d.Document, revision, err)
}
