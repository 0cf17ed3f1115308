package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/store"
)

// follow returns a follower of a document from a revision on that the log still has, or answers why there is none. Call leave
// afterwards.
func (s *Server) follow(c *gin.Context, d described, from uint64) (f *follower, leave func()) {
	if from > d.Revision {
		problem(c, http.StatusBadRequest, fmt.Sprintf("The document is at revision %d.", d.Revision))
		return nil, nil
	}
	if from < d.First {
		s.failHistory(c, d, store.ErrDropped)
		return nil, nil
	}
	if !s.admit(c) {
		return nil, nil
	}
	defer s.admitted()
	v := s.enter(c)
	if v == nil {
		return nil, nil
	}
	f = s.newFollower(d, v, from)
	return f, func() { f.session.end(); s.end(v) }
}

// await waits until there is news for a follower, or for so long, or until ctx ends.
func (f *follower) await(ctx context.Context, atMost time.Duration) error {
	late := time.NewTimer(atMost)
	defer late.Stop()
	select {
	case <-f.news:
		return nil
	case <-late.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// readNewer answers a document once it is past the revision that the caller knows, or 304 if that takes too long.
func (s *Server) readNewer(c *gin.Context, d described) {
	since, ok := queryNumber(c, "since", 0, 0, maxRevision)
	if !ok {
		return
	}
	wait, err := waitOf(c, 0, maxWait)
	if err != nil {
		problem(c, http.StatusBadRequest, err.Error()+".")
		return
	}
	if since < d.Revision {
		s.answerDocument(c, d)
		return
	}
	if wait == 0 && since == d.Revision {
		c.Header("ETag", etag(d.Revision))
		c.Status(http.StatusNotModified)
		return
	}
	f, leave := s.follow(c, d, since)
	if f == nil {
		return
	}
	defer leave()
	if !f.waitForEdit(c.Request.Context(), wait) {
		return
	}
	now, err := s.describe(d.Document)
	if err == nil {
		caller := s.caller(c)
		now.rights, err = s.rightsIn(d.Document, now.meta, &caller)
	}
	switch {
	case err != nil:
		s.fail(c, err)
	case !s.allows(c, now, access.Read): // not any more
	case now.Revision > since:
		s.answerDocument(c, now)
	default:
		c.Header("ETag", etag(now.Revision))
		c.Status(http.StatusNotModified)
	}
}

// waitForEdit waits until there is an edit, or for so long; false if ctx ends before.
func (f *follower) waitForEdit(ctx context.Context, atMost time.Duration) bool {
	for until := time.Now().Add(atMost); ; {
		edited, _, err := f.take()
		if edited || isEnd(err) || !time.Now().Before(until) {
			return true
		}
		if f.await(ctx, time.Until(until)) != nil {
			return false
		}
	}
}

// maxRevision bounds revisions that a caller names: what numbers in JSON hold exactly.
const maxRevision = 1<<53 - 1

// editEvent is a record as a follower is told of it. Time is milliseconds since the epoch.
type editEvent struct {
	Revision uint64          `json:"revision"`
	Person   string          `json:"person,omitempty"`
	Name     string          `json:"name,omitempty"`
	Time     int64           `json:"time"`
	Delta    json.RawMessage `json:"delta,omitempty"`
}

// eventNames are the names of events that tell of records.
var eventNames = map[changeKind]string{changeEdit: "edit", changeCreate: "create", changeDelete: "delete"}

// followDocument tells of everything that happens to a document, as server-sent events: edits, from a revision on, who comes and
// goes, and new titles.
func (s *Server) followDocument(c *gin.Context, d described) {
	from, ok := queryNumber(c, "since", d.Revision, 0, maxRevision)
	if last := c.GetHeader("Last-Event-ID"); ok && last != "" {
		n, err := strconv.ParseUint(last, 10, 64)
		if err != nil {
			problem(c, http.StatusBadRequest, "Last-Event-ID is the revision that the last event led to.")
			return
		}
		from = n
	}
	if !ok {
		return
	}
	f, leave := s.follow(c, d, from)
	if f == nil {
		return
	}
	told := telling{s: s, document: d.Document, next: from, persons: persons{}}
	s.tellEvents(c, func(ctx context.Context, out *events) {
		defer leave()
		told.out = out
		told.follow(ctx, f)
	})
}

// telling is how far somebody who follows a document has been told of its records.
type telling struct {
	s        *Server
	document string
	out      *events
	next     uint64
	persons  persons
	names    map[string]personInfo
}

// follow tells of all that happens until the client goes or the follower's connection ends. Whoever follows comes back then, with
// the ID of the last event.
func (t *telling) follow(ctx context.Context, f *follower) {
	for {
		edited, notes, err := f.take()
		if edited {
			err = errors.Join(err, t.edits())
		}
		for _, n := range notes {
			t.out.add("", n.name, n.data)
		}
		if t.out.flush() != nil || err != nil {
			return
		}
		if !edited && len(notes) == 0 && f.await(ctx, beat) != nil {
			return
		}
	}
}

// edits tells of the records from next on.
func (t *telling) edits() error {
	err := t.s.store.Records(t.document, t.next, maxRevision, func(r store.Record) error {
		ch, err := decodeChange(r.Payload)
		if err != nil {
			return err
		}
		e := editEvent{Revision: r.Revision + 1, Person: t.persons.of(r.Author), Time: r.Time}
		e.Name = t.nameOf(e.Person)
		if ch.kind != changeDelete {
			e.Delta = ot.AppendJSON(nil, ch.delta)
		}
		data, err := json.Marshal(e)
		if err != nil {
			return err
		}
		t.next = r.Revision + 1
		t.out.add(strconv.FormatUint(t.next, 10), eventNames[ch.kind], data)
		if len(t.out.waiting) > maxBurst {
			return t.out.flush()
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("records of %s from revision %d: %w", t.document, t.next, err)
	}
	return nil
}

// nameOf is by which name history shows a person; "" if there is none. Somebody new is looked up.
func (t *telling) nameOf(person string) string {
	info, known := t.names[person]
	if !known {
		if all, err := t.s.people.of(t.document); err == nil {
			t.names = all
			info = all[person]
		}
		if t.names == nil {
			t.names = map[string]personInfo{}
		}
		t.names[person] = info // even without a name: it is not looked up for every edit
	}
	return info.Name
}
