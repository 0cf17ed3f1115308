package server

import (
	"context"
	"slices"
	"sync"
)

// shelf keeps a short list of the server's own: in one value of the store and, once it was needed, in memory.
type shelf[T any] struct {
	kept companion[[]T]

	mu sync.RWMutex
	// list is what is kept, if known.
	list  []T
	known bool
}

// onShelf is the document beside which the value is kept: none.
const onShelf = ""

// all returns what is kept. Nobody changes it.
func (s *shelf[T]) all() ([]T, error) {
	s.mu.RLock()
	list, known := s.list, s.known
	s.mu.RUnlock()
	if known {
		return list, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read()
}

// read reads what is kept. Called with mu held.
func (s *shelf[T]) read() ([]T, error) {
	stored, err := s.kept.read(onShelf)
	if err == nil {
		s.list, s.known = stored.Value, true
	}
	return s.list, err
}

// add puts one more on the shelf, if there are not too many.
func (s *shelf[T]) add(ctx context.Context, one T, most int, tooMany error) error {
	return s.change(ctx, func(all *[]T) error {
		if len(*all) >= most {
			return tooMany
		}
		*all = append(*all, one)
		return nil
	})
}

// remove takes away the one that is meant; without one it returns missing.
func (s *shelf[T]) remove(ctx context.Context, meant func(T) bool, missing error) error {
	return s.change(ctx, func(all *[]T) error {
		i := slices.IndexFunc(*all, meant)
		if i < 0 {
			return missing
		}
		*all = slices.Delete(*all, i, i+1)
		return nil
	})
}

func (s *shelf[T]) change(ctx context.Context, fn func(*[]T) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.kept.change(ctx, onShelf, fn); err != nil {
		return err
	}
	_, err := s.read()
	return err
}
