package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// Retain drops a document's records before revision first and keeps in their
// place the given states, which ascend and of which the last is the one at first:
// from there on the full history remains. Snapshots before first that are not
// among them go. Revisions keep their numbers; reading a dropped record is
// ErrDropped, and Snapshot finds the states that are kept. Only space is given
// back, in time: see Redact for what must not remain.
//
// It takes effect at once or not at all. Whoever calls it says which past states
// are worth keeping, such as named versions and one state per day.
//
// Errors: ErrNotFound; ErrInvalid if first is not below the revision, lies before
// what is kept already, or the states are not as described; ErrTooLarge;
// ErrCorrupt; and see the package comment.
func (s *Store) Retain(ctx context.Context, document string, first uint64, states []Snapshot) error {
	if err := checkStates(first, states); err != nil {
		return err
	}
	end, err := s.beginUpkeep(ctx)
	if err != nil {
		return err
	}
	defer end()
	latest, err := s.latestBefore(document, first)
	if err != nil {
		return err
	}
	if err := s.Flush(ctx); err != nil {
		return err
	}
	release, err := s.holdMain()
	defer release()
	if err != nil {
		return err
	}
	r := retention{s: s, document: document, first: first, latest: latest, states: s.compressAll(states)}
	if err := s.checkRetention(&r); err != nil {
		return err
	}
	s.step("ready to drop records")
	if err := s.outcome(s.updateMain(r.write)); err != nil {
		return err
	}
	s.publishRewritten(document, r.header)
	s.step("records are dropped")
	poke(s.flushWake) // the flusher removes the rest
	return nil
}

func checkStates(first uint64, states []Snapshot) error {
	for i, st := range states {
		if i > 0 && st.Revision <= states[i-1].Revision {
			return fmt.Errorf("%w: the state at revision %d follows the one at %d", ErrInvalid, st.Revision, states[i-1].Revision)
		}
		if len(st.State) > MaxSnapshotBytes {
			return tooLarge("snapshot", len(st.State), MaxSnapshotBytes)
		}
	}
	if n := len(states); n == 0 || states[n-1].Revision != first {
		return fmt.Errorf("%w: the last state has to be the one at revision %d", ErrInvalid, first)
	}
	return nil
}

// latestBefore returns the latest time of the records before a revision.
func (s *Store) latestBefore(document string, revision uint64) (int64, error) {
	v, err := s.look(document)
	if err != nil {
		return 0, err
	}
	latest := v.latest
	if v.first == 0 {
		latest = -1 << 63
	}
	err = s.Records(document, v.first, revision, func(r Record) error {
		latest = max(latest, r.Time)
		return nil
	})
	return latest, err
}

func (s *Store) compressAll(states []Snapshot) []Snapshot {
	out := slices.Clone(states)
	for i := range out {
		out[i].State = s.codec.compress(out[i].State)
	}
	return out
}

// retention is what one call of Retain does to main.db.
type retention struct {
	s        *Store
	document string
	first    uint64
	latest   int64
	states   []Snapshot // compressed

	header header
}

func (s *Store) checkRetention(r *retention) error {
	return s.main.view(func(tx *bolt.Tx) (err error) {
		r.header, err = loadHeader(tx, r.document)
		switch h := &r.header; {
		case err != nil:
			return err
		case !h.exists:
			return fmt.Errorf("%w: %q", ErrNotFound, r.document)
		case r.first >= h.revision:
			return fmt.Errorf("%w: revision %d of %q cannot be the first that is kept, it has %d records", ErrInvalid, r.first, r.document, h.revision)
		case r.first < h.first:
			return fmt.Errorf("%w: revision %d of %q is no longer kept, what is kept follows %d", ErrInvalid, r.first, r.document, h.first)
		}
		return nil
	})
}

// write makes first the first revision. Chunks that lie wholly before it are
// removed later, except those near the end of the document: appends look at these.
func (r *retention) write(tx *bolt.Tx) error {
	number := r.header.number
	if err := r.cutChunk(tx); err != nil {
		return err
	}
	near := r.first - min(r.first, 2*maxChunkRecords)
	if err := removeChunks(tx, number, near, r.first); err != nil {
		return err
	}
	if err := r.keepStates(tx); err != nil {
		return err
	}
	r.header.first, r.header.latest = r.first, r.latest
	if err := storeHeader(tx, r.document, &r.header, false); err != nil {
		return err
	}
	return removeSome(tx, number, r.first)
}

// cutChunk takes the records before first out of the chunk that holds first.
func (r *retention) cutChunk(tx *bolt.Tx) error {
	b := tx.Bucket(bucketChunks)
	recs, err := r.s.readChunk(b, r.header.number, r.first)
	if err != nil || recs[0].Revision == r.first {
		return err
	}
	last := recs[len(recs)-1].Revision
	if err := deletePrefix(b, partKey(r.header.number, last, 0)[:16]); err != nil {
		return err
	}
	return putParts(b, r.header.number, last, r.s.codec.encodeChunk(recs[r.first-recs[0].Revision:]))
}

// removeChunks removes the chunks whose last revision lies between two.
func removeChunks(tx *bolt.Tx, number, from, to uint64) error {
	b := tx.Bucket(bucketChunks)
	var keys [][]byte
	c := readCursor(b)
	for k, _ := c.Seek(partKey(number, from, 0)); ; k, _ = c.Next() {
		have, last, _, ok := splitPartKey(k)
		if !ok || have != number || last >= to {
			break
		}
		keys = append(keys, bytes.Clone(k))
	}
	for _, k := range keys {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// keepStates replaces the snapshots up to first by the states.
func (r *retention) keepStates(tx *bolt.Tx) error {
	b, number := tx.Bucket(bucketSnapshots), r.header.number
	for {
		_, _, n, ok := seekValue(readCursor(b), number, ^r.first)
		if !ok {
			break
		}
		if err := deletePrefix(b, partKey(number, n, 0)[:16]); err != nil {
			return err
		}
	}
	for _, st := range r.states {
		if err := putParts(b, number, ^st.Revision, st.State); err != nil {
			return err
		}
	}
	return nil
}
