package store_test

import (
	"log/slog"
	"testing"

	"github.com/quire-editor/quire/store"
	"github.com/quire-editor/quire/store/storetest"
)

func opener(o store.Options) storetest.Opener {
	o.Logger = slog.New(slog.DiscardHandler)
	return func(dir string) (storetest.Store, error) {
		s, err := store.Open(dir, store.WithoutSync(o))
		if err != nil {
			return nil, err
		}
		return storetest.Adapt(s), nil
	}
}

func TestBehaviour(t *testing.T) {
	storetest.Run(t, opener(store.Options{MinGap: -1}))
}

// Segments of a few hundred bytes are sealed and flushed all the time, so that
// the flusher runs between any two calls.
func TestBehaviourWithTinySegments(t *testing.T) {
	storetest.Run(t, opener(store.Options{MinGap: -1, SegmentBytes: 300}))
}
