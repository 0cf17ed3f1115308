package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/history"
	"github.com/quire-editor/quire/store"
)

const (
	// maxEdits is the longest page of edits, defaultEdits one that nothing else is said of.
	maxEdits, defaultEdits = 200, 50
	// maxSteps is how many records are shown at a time.
	maxSteps = 1000
	// maxBars is the finest summary of a history.
	maxBars = 1000
)

// editInfo is an edit as the API describes it: what one person did without a long pause. Times are milliseconds since the epoch.
type editInfo struct {
	From     uint64 `json:"from"`
	To       uint64 `json:"to"`
	Person   string `json:"person"`
	Began    int64  `json:"began"`
	Ended    int64  `json:"ended"`
	Changes  int    `json:"changes"`
	Added    int    `json:"added"`
	Removed  int    `json:"removed"`
	Restores bool   `json:"restores,omitempty"`
}

// persons turns principals into the names that others know them by.
type persons map[string]string

func (p persons) of(principal string) string {
	if principal == "" {
		return ""
	}
	if _, ok := p[principal]; !ok {
		p[principal] = personOf(principal)
	}
	return p[principal]
}

func (p persons) edit(e history.Edit) editInfo {
	return editInfo{e.From, e.To, p.of(e.Author), e.Began, e.Ended, e.Changes, e.Added, e.Removed, e.Restores}
}

// run is a stretch of text, or of what is there no more, and what happened to it.
type run struct {
	Length int `json:"length"`
	// Change is "added", "removed" or "formatted"; "" for what stayed as it was.
	Change string `json:"change,omitempty"`
	Person string `json:"person,omitempty"`
	Time   int64  `json:"time,omitempty"`
	// Delta is what was removed.
	Delta json.RawMessage `json:"delta,omitempty"`
}

func (p persons) runs(l *history.Ledger) []run {
	runs := []run{}
	for _, r := range l.Runs() {
		out := run{Length: r.Len, Person: p.of(r.By.Author), Time: r.By.Time}
		switch {
		case r.Removed != nil:
			out.Change, out.Delta = "removed", ot.AppendJSON(nil, r.Removed)
		case r.Added:
			out.Change = "added"
		case r.Formatted:
			out.Change = "formatted"
		}
		runs = append(runs, out)
	}
	return runs
}

type historyInfo struct {
	Revision uint64 `json:"revision"`
	// First is the oldest revision whose changes are kept.
	First    uint64                `json:"first"`
	Created  int64                 `json:"created"`
	Modified int64                 `json:"modified"`
	Bars     []bar                 `json:"bars"`
	People   map[string]personInfo `json:"people"`
	Versions []versionInfo         `json:"versions"`
	// Me is the caller, and Owner says whether the document is theirs.
	Me    string `json:"me"`
	Owner bool   `json:"owner"`
}

type bar struct {
	Person  string `json:"person"`
	Changes int    `json:"changes"`
}

// readHistory answers what a document's history looks like as a whole.
func (s *Server) readHistory(c *gin.Context, d described) {
	n, ok := queryNumber(c, "bars", 200, 1, maxBars)
	if !ok {
		return
	}
	names := persons{}
	info := historyInfo{
		Revision: d.Revision, First: d.First, Created: d.Created, Modified: d.modified(), Bars: []bar{},
		Me: s.caller(c).Person, Owner: d.rights.Role == access.Owner,
	}
	err := s.withTimeline(c, d, func(t *history.Timeline, _ pastLog) error {
		for _, b := range t.Strip(int(n)) {
			info.Bars = append(info.Bars, bar{names.of(b.Author), b.Changes})
		}
		return nil
	})
	if err == nil {
		info.Versions, err = s.versions.of(d.Document)
	}
	if err == nil {
		info.People, err = s.people.of(d.Document)
	}
	if err != nil {
		s.failHistory(c, d, err)
		return
	}
	c.JSON(http.StatusOK, info)
}

type editPage struct {
	Edits []editInfo `json:"edits"`
	// Next continues the list, as ?before= or ?after=; absent at its end.
	Next *uint64 `json:"next,omitempty"`
}

// listChanges lists edits, the newest first, or with ?after= the oldest first.
func (s *Server) listChanges(c *gin.Context, d described) {
	limit, ok := queryNumber(c, "limit", defaultEdits, 1, maxEdits)
	if !ok {
		return
	}
	list, edge := history.EditsBefore, "before"
	if c.Query("after") != "" {
		list, edge = history.EditsFrom, "after"
	}
	at, ok := queryNumber(c, edge, d.Revision, 0, d.Revision)
	if !ok {
		return
	}
	if err := s.reads(c); err != nil {
		return // nobody waits for it any more
	}
	page, err := list(s.past(d.Document), d.First, d.Revision, at, int(limit))
	s.readDone()
	if err != nil {
		s.failHistory(c, d, err)
		return
	}
	answer, names := editPage{Edits: []editInfo{}}, persons{}
	for _, e := range page.Edits {
		answer.Edits = append(answer.Edits, names.edit(e))
	}
	if page.More {
		answer.Next = &page.Next
	}
	c.JSON(http.StatusOK, answer)
}

// findRevision answers which revision a document had at a time.
func (s *Server) findRevision(c *gin.Context, d described) {
	at, err := strconv.ParseInt(c.Query("at"), 10, 64)
	if err != nil {
		problem(c, http.StatusBadRequest, "Say which moment, as ?at= and milliseconds since 1970.")
		return
	}
	revision, err := s.store.RevisionAt(d.Document, at)
	if err != nil {
		s.failHistory(c, d, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"revision": revision})
}

type revisionInfo struct {
	Revision uint64          `json:"revision"`
	Delta    json.RawMessage `json:"delta"`
	// Edit is the one that led to this revision, as far as it had come; Changes is what it did.
	Edit    *editInfo   `json:"edit,omitempty"`
	Changes []run       `json:"changes,omitempty"`
	Authors []authorRun `json:"authors,omitempty"`
}

// readRevision answers a document as it was, and if asked what the last edit had changed, and who wrote what.
func (s *Server) readRevision(c *gin.Context, d described) {
	revision, ok := s.revisionIn(c, d, c.Param("revision"))
	if !ok {
		return
	}
	wanted := strings.Split(c.Query("with"), ",")
	answer, err := s.pastRevision(c, d, revision, wanted)
	if err != nil {
		s.failHistory(c, d, err)
		return
	}
	c.Header("ETag", etag(revision))
	c.JSON(http.StatusOK, answer)
}

func (s *Server) pastRevision(c *gin.Context, d described, revision uint64, wanted []string) (revisionInfo, error) {
	answer, names := revisionInfo{Revision: revision}, persons{}
	for _, part := range wanted {
		switch part {
		case "changes":
			if revision <= d.First {
				continue
			}
			edit, err := history.EditAt(s.past(d.Document), d.First, revision)
			if err != nil {
				return answer, err
			}
			only := func(author string) bool { return author == edit.Author }
			work, err := history.NewContribution(s.past(d.Document), only, edit.From, revision)
			if err == nil {
				err = work.Advance(revision)
			}
			if err != nil {
				return answer, err
			}
			shown := names.edit(edit)
			answer.Edit, answer.Changes = &shown, names.runs(work.Ledger)
			answer.Delta = ot.AppendJSON(nil, work.Text().Delta())
		case "authors":
			authors, err := s.authors(c, d, revision, names)
			if err != nil {
				return answer, err
			}
			answer.Authors = authors
		}
	}
	if answer.Delta != nil {
		return answer, nil
	}
	text, err := s.past(d.Document).At(revision)
	if err == nil {
		answer.Delta = ot.AppendJSON(nil, text.Delta())
	}
	return answer, err
}

// readRevisionText answers the text as it was.
func (s *Server) readRevisionText(c *gin.Context, d described) {
	revision, ok := s.revisionIn(c, d, c.Param("revision"))
	if !ok {
		return
	}
	text, err := s.past(d.Document).At(revision)
	if err != nil {
		s.failHistory(c, d, err)
		return
	}
	c.Header("ETag", etag(revision))
	c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(strings.ToValidUTF8(text.Text(), "\uFFFD")))
}

type stepInfo struct {
	Revision uint64          `json:"revision"`
	Person   string          `json:"person"`
	Time     int64           `json:"time"`
	Delta    json.RawMessage `json:"delta"`
}

// readSteps answers every record between two revisions, keystroke by keystroke.
func (s *Server) readSteps(c *gin.Context, d described) {
	from, to, ok := s.rangeIn(c, d, c.Query("from"), c.Query("to"))
	if !ok {
		return
	}
	to = min(to, from+maxSteps)
	steps, names, log := []stepInfo{}, persons{}, s.past(d.Document)
	err := log.Steps(from, to, func(st *history.Step) error {
		delta := st.Delta
		if st.Clears {
			text, err := log.At(st.Revision)
			if err != nil {
				return err
			}
			delta = ot.Normalize(ot.Delta{ot.DeleteOp(text.Len())})
		}
		steps = append(steps, stepInfo{st.Revision, names.of(st.Author), st.Time, ot.AppendJSON(nil, delta)})
		return nil
	})
	if err != nil {
		s.failHistory(c, d, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"steps": steps, "to": to})
}

type comparison struct {
	From  uint64          `json:"from"`
	To    uint64          `json:"to"`
	Delta json.RawMessage `json:"delta"`
	Runs  []run           `json:"runs"`
}

// compareRevisions answers what lies between two revisions: the delta, and who added and removed what.
func (s *Server) compareRevisions(c *gin.Context, d described) {
	from, to, ok := s.rangeIn(c, d, c.Query("from"), c.Query("to"))
	if !ok {
		return
	}
	if err := s.reads(c); err != nil {
		return
	}
	ledger, err := history.Compare(s.past(d.Document), from, to)
	s.readDone()
	if err != nil {
		s.failHistory(c, d, err)
		return
	}
	c.JSON(http.StatusOK, comparison{from, to, ot.AppendJSON(nil, ledger.Between()), persons{}.runs(ledger)})
}

// revisionIn reads a revision of a document, or answers what is wrong with it.
func (s *Server) revisionIn(c *gin.Context, d described, text string) (uint64, bool) {
	revision, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		problem(c, http.StatusBadRequest, fmt.Sprintf("A revision is a number from %d to %d.", d.First, d.Revision))
		return 0, false
	}
	return revision, s.checkRevision(c, d, revision)
}

func (s *Server) checkRevision(c *gin.Context, d described, revision uint64) bool {
	switch {
	case revision > d.Revision:
		problem(c, http.StatusNotFound, fmt.Sprintf("There is no revision %d; the document is at revision %d.", revision, d.Revision))
	case revision < d.First && !s.isKept(d, revision):
		problem(c, http.StatusGone, fmt.Sprintf("Revision %d is no longer kept; the history goes back to revision %d.", revision, d.First))
	default:
		return true
	}
	return false
}

// isKept says whether a state from before the records that are kept is still there.
func (s *Server) isKept(d described, revision uint64) bool {
	snapshot, ok, err := s.store.Snapshot(d.Document, revision)
	return err == nil && ok && snapshot.Revision == revision
}

// rangeIn reads two revisions in order with all records between them, or answers what is wrong with them.
func (s *Server) rangeIn(c *gin.Context, d described, first, last string) (from, to uint64, ok bool) {
	if from, ok = s.revisionIn(c, d, first); !ok {
		return 0, 0, false
	}
	if to, ok = s.revisionIn(c, d, last); !ok {
		return 0, 0, false
	}
	return from, to, s.checkRange(c, d, from, to)
}

func (s *Server) checkRange(c *gin.Context, d described, from, to uint64) bool {
	switch {
	case from > to:
		problem(c, http.StatusBadRequest, fmt.Sprintf("The range from revision %d to %d is the wrong way round.", from, to))
	case from < d.First:
		problem(c, http.StatusGone, fmt.Sprintf("The changes since revision %d are no longer kept; the history goes back to revision %d.", from, d.First))
	default:
		return true
	}
	return false
}

// queryNumber reads a number of the query within bounds, or answers what is wrong with it.
func queryNumber(c *gin.Context, name string, otherwise, least, most uint64) (uint64, bool) {
	text := c.Query(name)
	if text == "" {
		return otherwise, true
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < least || n > most {
		problem(c, http.StatusBadRequest, fmt.Sprintf("%s is a number from %d to %d.", name, least, most))
		return 0, false
	}
	return n, true
}

// failHistory answers a request about the past that an error ended.
func (s *Server) failHistory(c *gin.Context, d described, err error) {
	if errors.Is(err, store.ErrDropped) {
		problem(c, http.StatusGone, fmt.Sprintf("The history goes back to revision %d; what was before is no longer kept.", d.First))
		return
	}
	s.fail(c, fmt.Errorf("history of %s: %w", d.Document, err))
}
