package server

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/history"
	"github.com/quire-editor/quire/store"
)

// pastLog is a document's log as package history reads it.
type pastLog struct{ past }

func (s *Server) past(document string) pastLog {
	return pastLog{&storeLog{store: s.store, document: document}}
}

// At returns the text after the first `revision` records; a document that did not exist then had none.
func (l pastLog) At(revision uint64) (*ot.Document, error) {
	st, _, err := replay(l, revision)
	if err != nil {
		return nil, fmt.Errorf("state at revision %d: %w", revision, err)
	}
	return st.text, nil
}

// Steps calls fn for the records from <= revision < to.
func (l pastLog) Steps(from, to uint64, fn func(*history.Step) error) error {
	next := from
	var changes changeReader
	err := l.Records(from, to, func(r store.Record) error {
		c, err := changes.read(r.Payload)
		if err != nil {
			return fmt.Errorf("record %d: %w", r.Revision, err)
		}
		next = r.Revision + 1
		return fn(&history.Step{
			Revision: r.Revision, Author: r.Author, Time: r.Time, Delta: c.delta,
			Clears: c.kind == changeDelete, Restores: strings.HasPrefix(r.Src, historySource),
		})
	})
	if err == nil && next < to {
		err = fmt.Errorf("%w: the log ends at %d, not %d", store.ErrCorrupt, next, to)
	}
	return err
}

// historySource begins the source of records that were computed from history: no client can have one.
const historySource = "history:"

// maxTimelines is how many documents' timelines are kept in memory; those used longest ago go.
const maxTimelines = 32

// timelines are the timelines of the documents whose history somebody looks at.
type timelines struct {
	mu   sync.Mutex
	held []*heldTimeline // the one used last is the last
}

type heldTimeline struct {
	document string
	mu       sync.Mutex
	timeline *history.Timeline
}

// take returns the entry of a document, a new one if there is none.
func (t *timelines) take(document string) *heldTimeline {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, h := range t.held {
		if h.document == document {
			t.held = append(append(t.held[:i:i], t.held[i+1:]...), h)
			return h
		}
	}
	h := &heldTimeline{document: document}
	t.held = append(t.held, h)
	if len(t.held) > maxTimelines {
		t.held = append([]*heldTimeline(nil), t.held[1:]...)
	}
	return h
}

// withTimeline calls fn with a document's timeline, which knows of all that d does. fn must not keep it.
func (s *Server) withTimeline(ctx context.Context, d described, fn func(*history.Timeline, pastLog) error) error {
	h := s.timelines.take(d.Document)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := s.reads(ctx); err != nil {
		return err
	}
	defer s.readDone()
	log := s.past(d.Document)
	t := h.timeline
	if t == nil || t.First() != d.First {
		var err error
		if t, err = history.NewTimeline(log, d.First); err != nil {
			return fmt.Errorf("history of %s: %w", d.Document, err)
		}
	}
	h.timeline = nil // after an error it is built anew
	if err := t.Advance(log, d.Revision); err != nil {
		return fmt.Errorf("history of %s: %w", d.Document, err)
	}
	h.timeline = t
	return fn(t, log)
}

// reads waits until one more document may be read from the store.
func (s *Server) reads(ctx context.Context) error {
	select {
	case s.reading <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Server) readDone() { <-s.reading }
