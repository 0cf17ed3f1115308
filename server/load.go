package server

import (
	"errors"
	"fmt"

	"github.com/quire-editor/quire/store"
)

// load reads a document from the store: its newest snapshot and the records since. A document that was never created is
// at revision 0 and does not exist. An error is an error: it is never taken for an empty document.
func (s *Server) load(document string) (metadata, *state, error) {
	info, err := s.store.Info(document)
	if errors.Is(err, store.ErrNotFound) {
		return metadata{}, newState(), nil
	}
	if err != nil {
		return metadata{}, nil, fmt.Errorf("load %s: %w", document, err)
	}
	meta, err := decodeMetadata(info.Meta)
	if err != nil {
		return meta, nil, fmt.Errorf("load %s: %w", document, err)
	}
	st, err := replay(&storeLog{store: s.store, document: document}, info.Revision)
	if err != nil {
		return meta, nil, fmt.Errorf("load %s at revision %d: %w", document, info.Revision, err)
	}
	return meta, st, nil
}

// past is where a state can be built from.
type past interface {
	// Snapshot returns the newest snapshot of at most that revision.
	Snapshot(at uint64) (store.Snapshot, bool, error)
	Records(from, to uint64, fn func(store.Record) error) error
}

// replay builds the state of a document after its first `revision` records.
func replay(p past, revision uint64) (*state, error) {
	st := newState()
	snapshot, ok, err := p.Snapshot(revision)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	if ok {
		if st, err = decodeState(snapshot.Revision, snapshot.State); err != nil {
			return nil, fmt.Errorf("snapshot %d: %w", snapshot.Revision, err)
		}
	}
	err = p.Records(st.revision, revision, func(r store.Record) error {
		c, err := decodeChange(r.Payload)
		if err == nil {
			err = st.apply(c)
		}
		if err != nil {
			return fmt.Errorf("record %d: %w", r.Revision, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if st.revision != revision {
		return nil, fmt.Errorf("%w: the log ends at %d", store.ErrCorrupt, st.revision)
	}
	return st, nil
}

// storeLog is the Log of a room in production.
type storeLog struct {
	store    *store.Store
	writer   *store.Writer
	document string
}

func (l *storeLog) Append(r store.Record, meta []byte) error {
	return l.writer.Append(r.Revision, []store.Record{r}, meta)
}

func (l *storeLog) Durable() (uint64, error) { return l.writer.Durable() }

func (l *storeLog) Records(from, to uint64, fn func(store.Record) error) error {
	return l.store.Records(l.document, from, to, fn)
}

func (l *storeLog) Last(src string) (seq, revision uint64, ok bool, err error) {
	seq, revision, ok, err = l.store.Last(l.document, src)
	if errors.Is(err, store.ErrNotFound) {
		return 0, 0, false, nil // a document without records has no authors
	}
	return seq, revision, ok, err
}

func (l *storeLog) PutSnapshot(s store.Snapshot) error { return l.store.PutSnapshot(l.document, s) }

func (l *storeLog) Snapshot(at uint64) (store.Snapshot, bool, error) {
	return l.store.Snapshot(l.document, at)
}
