package server

import (
	"errors"
	"fmt"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/store"
)

// loaded is a document as the store has it.
type loaded struct {
	described
	head *state
	// snapshotted is the revision of the snapshot that head was built from.
	snapshotted uint64
	links       companionValue[[]access.Link]
}

// policy is what decides about rights in the document.
func (l loaded) policy(document string) access.Policy {
	p := l.meta.policy(document)
	p.Links = l.links.Value
	return p
}

// load reads a document from the store: its newest snapshot and the records since. A document that was never created is
// at revision 0 and does not exist. An error is an error: it is never taken for an empty document. A redaction that was
// interrupted is completed first.
func (s *Server) load(document string) (loaded, error) {
	info, err := s.store.Info(document)
	if errors.Is(err, store.ErrNotFound) {
		return loaded{head: newState()}, nil
	}
	if err != nil {
		return loaded{}, fmt.Errorf("load %s: %w", document, err)
	}
	meta, err := decodeMetadata(info.Meta)
	if err != nil {
		return loaded{}, fmt.Errorf("load %s: %w", document, err)
	}
	if meta.isRedacting() {
		if err := s.completeRedaction(document); err != nil {
			return loaded{}, fmt.Errorf("load %s: %w", document, err)
		}
		return s.load(document)
	}
	head, snapshotted, err := replay(&storeLog{store: s.store, document: document}, info.Revision)
	if err != nil {
		return loaded{}, fmt.Errorf("load %s at revision %d: %w", document, info.Revision, err)
	}
	links, err := s.links.read(document)
	if err != nil {
		return loaded{}, err
	}
	return loaded{described{Info: info, meta: meta}, head, snapshotted, links}, nil
}

// past is where a state can be built from.
type past interface {
	// Snapshot returns the newest snapshot of at most that revision.
	Snapshot(at uint64) (store.Snapshot, bool, error)
	Records(from, to uint64, fn func(store.Record) error) error
}

// replay builds the state of a document after its first `revision` records, and says which revision the snapshot was of
// that it began with.
func replay(p past, revision uint64) (st *state, snapshotted uint64, err error) {
	st = newState()
	snapshot, ok, err := p.Snapshot(revision)
	if err != nil {
		return nil, 0, fmt.Errorf("snapshot: %w", err)
	}
	if ok {
		if st, err = decodeState(snapshot.Revision, snapshot.State); err != nil {
			return nil, 0, fmt.Errorf("snapshot %d: %w", snapshot.Revision, err)
		}
	}
	var changes changeReader
	err = p.Records(st.revision, revision, func(r store.Record) error {
		c, err := changes.read(r.Payload)
		if err == nil {
			err = st.apply(c)
		}
		if err != nil {
			return fmt.Errorf("record %d: %w", r.Revision, err)
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	if st.revision != revision {
		return nil, 0, fmt.Errorf("%w: the log ends at %d", store.ErrCorrupt, st.revision)
	}
	return st, snapshot.Revision, nil
}

// storeLog is the Log of a room in production.
type storeLog struct {
	store    *store.Store
	writer   *store.Writer
	document string
	// appended is the revision that the document will have when everything queued is durable.
	appended uint64
}

func (l *storeLog) Append(r store.Record, meta []byte) error {
	err := l.writer.Append(r.Revision, []store.Record{r}, meta)
	if err == nil {
		l.appended = r.Revision + 1
	}
	return err
}

// settle waits until the fate of everything appended is known. Whoever opens the document next then finds a log at rest.
func (l *storeLog) settle() {
	for {
		if durable, err := l.writer.Durable(); err != nil || durable >= l.appended {
			return
		}
		<-l.writer.Wake()
	}
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
