package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quire-editor/quire/store"
)

// A document in the trash is closed to everybody, and otherwise as it was: its log, access, links, messages and pictures stay, so
// that bringing it back is one change of its metadata. It is removed for good in steps, of which the first cannot be taken back and
// the last takes the document itself away: until then whatever is interrupted is found again and completed.

// errTrashed is returned for a document that is in the trash. To whoever does not ask about that there is none.
var errTrashed = fmt.Errorf("the document is in the trash: %w", store.ErrNotFound)

const (
	// codeTrashed is what programs are told of a document in the trash, and inTrash what people are.
	codeTrashed = "trashed"
	inTrash     = "This document is in the trash. Its owner can restore it."
)

// trash puts a document into the trash. Whoever has it open is told so, and put out.
func (s *Server) trash(ctx context.Context, d described) (described, error) {
	return s.amendUnseen(ctx, d, func(m *metadata) error {
		m.Trashed = nowMillis()
		return nil
	})
}

// untrash brings a document back from the trash.
func (s *Server) untrash(ctx context.Context, d described) (described, error) {
	return s.amendUnseen(ctx, d, func(m *metadata) error {
		m.Trashed = 0
		return nil
	})
}

// discard removes a document that is in the trash for good, with all that is kept beside it.
func (s *Server) discard(ctx context.Context, d described) error {
	if !d.meta.Discarded {
		_, err := s.amend(ctx, d, func(m *metadata) error {
			m.Discarded = true
			return nil
		})
		if err != nil {
			return fmt.Errorf("discard %s: %w", d.Document, err)
		}
	}
	err := s.rooms.alone(ctx, d.Document, func() error {
		for _, remove := range s.removals() {
			if err := remove(ctx, d.Document); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remove %s: %w", d.Document, err)
	}
	s.images.documentGone()
	s.logger.Info("document removed for good", "document", d.Document)
	return s.holdings.forgetTrashed(d.Document)
}

// removals are the steps in which a document is removed. Each can be done again. The document itself comes last: nobody who makes
// another one at its address finds anything of it.
func (s *Server) removals() []func(ctx context.Context, document string) error {
	return []func(context.Context, string) error{
		s.links.remove, s.audit.remove, s.people.remove, s.versions.remove, s.images.drop, s.callbacks.forget,
		func(ctx context.Context, document string) error {
			if err := s.store.Delete(ctx, document); !errors.Is(err, store.ErrNotFound) {
				return err
			}
			return nil
		},
	}
}

// until returns when a document leaves the trash by itself, in milliseconds since the epoch; 0 for never.
func (s *Server) until(m metadata) int64 {
	if s.keepTrash <= 0 {
		return 0
	}
	return m.Trashed + s.keepTrash.Milliseconds()
}

// trashEvery is how often is looked for what has been in the trash for too long.
const trashEvery = time.Hour

// EmptyTrash removes for good what has been in the trash for Options.KeepTrash, and completes what was interrupted: now and every
// hour until ctx ends.
func (s *Server) EmptyTrash(ctx context.Context) {
	s.regularly(ctx, trashEvery, "trash not emptied; it is tried again in an hour", s.emptyTrash)
}

// emptyTrash removes what has to go by a time.
func (s *Server) emptyTrash(ctx context.Context, now int64) error {
	trashed, err := s.holdings.inTrash()
	if err != nil {
		return err
	}
	var failed []error
	for _, document := range trashed {
		failed = append(failed, s.considerTrashed(ctx, document, now))
	}
	return errors.Join(failed...)
}

// considerTrashed removes a document if it is in the trash and has to go.
func (s *Server) considerTrashed(ctx context.Context, document string, now int64) error {
	d, err := lookUp(s.store, document)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && d.meta.Trashed == 0:
		return s.holdings.forgetTrashed(document)
	case err != nil:
		return err
	}
	if until := s.until(d.meta); !d.meta.Discarded && (until == 0 || now < until) {
		return nil
	}
	if err := s.discard(ctx, d); !errors.Is(err, errTrashed) {
		return err
	}
	return nil // it was restored or removed meanwhile
}
