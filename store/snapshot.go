package store

import (
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// snapshotSpan is how many revisions share one kept snapshot: of every span the
// first snapshot stays, and of all the newest. More would cost far more than the
// records themselves.
const snapshotSpan = 1 << 15

// maxSnapshotMemory is how many compressed bytes of snapshots may wait in
// memory before they are brought into main.db at once.
const maxSnapshotMemory = 8 << 20

// PutSnapshot keeps the state of a document after s.Revision records, which
// must be durable. It is advisory: it waits in memory for the next flush, may
// be replaced by a newer one meanwhile, and is lost in a crash, which costs the
// time to replay records and nothing else. Close flushes.
//
// Errors: ErrNotFound, ErrConflict if fewer records are durable, ErrTooLarge.
func (s *Store) PutSnapshot(document string, snap Snapshot) error {
	if len(snap.State) > MaxSnapshotBytes {
		return tooLarge("snapshot", len(snap.State), MaxSnapshotBytes)
	}
	d, err := s.open(document)
	if err != nil {
		return err
	}
	defer s.release(d)
	waiting := &Snapshot{Revision: snap.Revision, State: s.codec.compress(snap.State)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !d.head.exists {
		return fmt.Errorf("%w: %q", ErrNotFound, document)
	}
	if snap.Revision > d.head.revision {
		return fmt.Errorf("%w: snapshot of %q at revision %d, durable are %d", ErrConflict, document, snap.Revision, d.head.revision)
	}
	if d.snapshot != nil && d.snapshot.Revision > snap.Revision || snap.Revision < d.first {
		return nil
	}
	s.dropSnapshot(d)
	d.snapshot = waiting
	s.snapshots[d] = struct{}{}
	s.snapshotBytes += len(waiting.State)
	if s.snapshotBytes > maxSnapshotMemory {
		s.queue.askSeal()
	}
	return nil
}

// dropSnapshot forgets the snapshot of d that waits. Needs s.mu.
func (s *Store) dropSnapshot(d *document) {
	if d.snapshot != nil {
		s.snapshotBytes -= len(d.snapshot.State)
		d.snapshot = nil
		delete(s.snapshots, d)
	}
}

// Snapshot returns the newest snapshot with a revision of at most at, and false
// if there is none. A document that does not exist is ErrNotFound.
//
// Law: its revision is at most the document's durable revision.
func (s *Store) Snapshot(document string, at uint64) (Snapshot, bool, error) {
	v, err := s.look(document)
	if err != nil {
		return Snapshot{}, false, err
	}
	var found *Snapshot
	if v.base.number != 0 {
		if found, err = s.loadSnapshot(v.base.number, min(at, v.head.revision)); err != nil {
			return Snapshot{}, false, err
		}
	}
	if w := v.snapshot; w != nil && w.Revision <= at && (found == nil || w.Revision >= found.Revision) {
		found = w // it waits in memory
	}
	if found == nil {
		return Snapshot{}, false, nil
	}
	state, err := s.codec.decompress(found.State, MaxSnapshotBytes)
	if err != nil {
		return Snapshot{}, false, corrupt(mainName, err, "snapshot of document %q at revision %d", document, found.Revision)
	}
	return Snapshot{Revision: found.Revision, State: state}, true, nil
}

func (s *Store) loadSnapshot(number, at uint64) (found *Snapshot, err error) {
	err = s.main.view(func(tx *bolt.Tx) error {
		c := readCursor(tx.Bucket(bucketSnapshots))
		k, v, n, ok := seekValue(c, number, ^at)
		if !ok {
			return nil
		}
		revision := ^n
		state, err := readParts(c, k, v)
		if err != nil {
			return corrupt(mainName, err, "snapshot of document number %d at revision %d", number, revision)
		}
		found = &Snapshot{Revision: revision, State: state}
		return nil
	})
	return found, err
}

// flushSnapshots writes the waiting snapshots whose records main.db holds.
//
// Law: no snapshot in main.db is ahead of its document's row there, so that
// main.db is whole by itself, in a backup as well.
func (s *Store) flushSnapshots() error {
	type job struct {
		d     *document
		base  base
		first uint64
		snap  *Snapshot
	}
	var jobs []job
	s.mu.Lock()
	for d := range s.snapshots {
		if d.base.number != 0 && d.snapshot.Revision <= d.base.revision {
			jobs = append(jobs, job{d, d.base, d.first, d.snapshot})
		}
	}
	s.mu.Unlock()
	if len(jobs) == 0 {
		return nil
	}
	err := s.updateMain(func(tx *bolt.Tx) error {
		for _, j := range jobs {
			if err := storeSnapshot(tx, j.base.number, j.first, j.snap); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range jobs {
		if j.d.snapshot == j.snap {
			s.dropSnapshot(j.d)
			s.forget(j.d)
		}
	}
	return nil
}

// storeSnapshot writes a snapshot and removes the one before it, unless that is
// the first of its span or at first or earlier, where nothing can replace it.
func storeSnapshot(tx *bolt.Tx, number, first uint64, snap *Snapshot) error {
	b := tx.Bucket(bucketSnapshots)
	if err := deletePrefix(b, partKey(number, ^snap.Revision, 0)[:16]); err != nil {
		return err
	}
	if err := putParts(b, number, ^snap.Revision, snap.State); err != nil {
		return err
	}
	before, ok := snapshotBefore(b, number, snap.Revision)
	if !ok || before <= first {
		return nil
	}
	older, ok := snapshotBefore(b, number, before)
	if !ok || older/snapshotSpan != before/snapshotSpan {
		return nil
	}
	return deletePrefix(b, partKey(number, ^before, 0)[:16])
}

// snapshotBefore returns the revision of the newest snapshot before another. A
// snapshot's key is the complement of its revision, so that a seek forward
// finds the newest at or before one.
func snapshotBefore(b *bolt.Bucket, number, revision uint64) (uint64, bool) {
	if revision == 0 {
		return 0, false
	}
	_, _, n, ok := seekValue(readCursor(b), number, ^(revision - 1))
	return ^n, ok
}
