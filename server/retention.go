package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/quire-editor/quire/store"
)

const (
	// trimEvery is how often old records are looked for.
	trimEvery = 24 * time.Hour
	// trimLeast is how many records are dropped at least: fewer are not worth the work.
	trimLeast = 64
	day       = int64(24 * time.Hour / time.Millisecond)
)

// TrimHistories drops records that are older than Options.KeepHistory, now and once a day until ctx ends. Of what was before,
// named versions and the last state of each day stay. Without the option it does nothing.
func (s *Server) TrimHistories(ctx context.Context) {
	if s.keepHistory <= 0 {
		return
	}
	s.regularly(ctx, trimEvery, "old history not dropped; it is tried again tomorrow", s.trimAll)
}

func (s *Server) trimAll(ctx context.Context, now int64) error {
	for after := ""; ctx.Err() == nil; {
		page, err := s.store.List(after, maxPage)
		if err != nil {
			return fmt.Errorf("list documents: %w", err)
		}
		for _, info := range page {
			if after = info.Document; !validDocument(after) {
				continue
			}
			if err := s.trim(ctx, after, now); err != nil && !errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("drop old history of %s: %w", after, err)
			}
		}
		if len(page) < maxPage {
			return nil
		}
	}
	return ctx.Err()
}

// trim drops the old records of one document.
func (s *Server) trim(ctx context.Context, document string, now int64) error {
	d, err := s.describe(document)
	if err != nil {
		return err
	}
	first, err := s.store.RevisionAt(document, now-s.keepHistory.Milliseconds()-1)
	if errors.Is(err, store.ErrDropped) {
		return nil // they were dropped before
	}
	if err != nil {
		return err
	}
	if first = min(first, d.Revision-1); first < d.First+trimLeast {
		return nil
	}
	kept, err := s.keptBefore(d)
	if err != nil {
		return err
	}
	states, err := s.statesWorthKeeping(d, first)
	if err != nil {
		return err
	}
	if err := s.store.Retain(ctx, document, first, append(kept, states...)); err != nil {
		return err
	}
	s.logger.Info("old history dropped", "document", document, "records", first-d.First)
	if p := s.rooms.find(document); p != nil {
		p.tell(func(r *Room) { r.first = max(r.first, first) })
	}
	return nil
}

// keptBefore returns the states from before the records that are kept, the oldest first.
func (s *Server) keptBefore(d described) (states []store.Snapshot, err error) {
	for at := d.First; at > 0; {
		snap, ok, err := s.store.Snapshot(d.Document, at-1)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		states = append(states, snap)
		at = snap.Revision
	}
	slices.Reverse(states)
	return states, nil
}

// statesWorthKeeping returns, of the states up to revision first, those that have names, the last of each day, the oldest one and
// that at first.
func (s *Server) statesWorthKeeping(d described, first uint64) (states []store.Snapshot, err error) {
	wanted := map[uint64]bool{first: true, d.First: d.First > 0}
	named, err := s.versions.read(d.Document)
	if err != nil {
		return nil, err
	}
	for _, v := range named.Value {
		wanted[v.Revision] = true
	}
	log := s.past(d.Document)
	st, _, err := replay(log, d.First)
	if err != nil {
		return nil, err
	}
	keep := func() { states = append(states, store.Snapshot{Revision: st.revision, State: st.encode()}) }
	if wanted[d.First] {
		keep()
	}
	var changes changeReader
	today := int64(0)
	err = log.Records(d.First, first, func(r store.Record) error {
		// The state that a day ended with is the one before the first record of another day.
		if r.Time/day != today && st.revision > d.First && !wanted[st.revision] {
			keep()
		}
		today = r.Time / day
		c, err := changes.read(r.Payload)
		if err == nil {
			err = st.apply(c)
		}
		if err == nil && wanted[st.revision] {
			keep()
		}
		return err
	})
	return states, err
}
