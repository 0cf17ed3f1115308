package store

import (
	"context"
	"fmt"
)

// beginUpkeep waits until no other Backup, Redact, Retain or Compact runs, and
// returns how to end this one. They exclude each other because each needs the
// files to hold still for a while: a backup reads them for as long as its reader
// takes, the others close gates or replace a file.
func (s *Store) beginUpkeep(ctx context.Context) (end func(), err error) {
	s.mu.Lock()
	err = s.usable()
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case s.upkeep <- struct{}{}:
		return func() { <-s.upkeep }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("store: waiting for a backup or other upkeep: %w", ctx.Err())
	case <-s.flushEnded:
		return nil, ErrClosed
	}
}

// holdMain keeps everybody else from writing main.db. It answers why nothing can
// be written there, if so. The caller calls release in any case.
func (s *Store) holdMain() (release func(), err error) {
	s.mainWriter.Lock()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mainWriter.Unlock, s.usable()
}

// betweenCommits runs fn on the commit loop, while nobody writes the journal.
func (s *Store) betweenCommits(fn func() error) error {
	done := make(chan error, 1)
	if err := s.queue.call(func() { done <- fn() }); err != nil {
		return err
	}
	return <-done
}

// step tells a test how far upkeep has come.
func (s *Store) step(name string) {
	if s.opt.hooks.step != nil {
		s.opt.hooks.step(name)
	}
}
