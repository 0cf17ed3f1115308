package store

import (
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// RevisionAt returns the revision a document had at a time, in milliseconds
// since the Unix epoch: the number of its records before the first one that is
// later. Zero: it did not exist yet.
//
// Clocks are set back now and then, so times need not ascend with revisions. A
// record counts from the time on at which it and all before it had been
// written: of the records with times 10, 30, 20, 40 there is one at 20, and three
// at 30. So a later time never gives an earlier revision.
//
// Errors: ErrNotFound, also when the document is deleted meanwhile; ErrDropped
// if the records of that time are no longer kept; ErrConflict if the log is
// redacted meanwhile; ErrCorrupt.
func (s *Store) RevisionAt(document string, at int64) (uint64, error) {
	v, err := s.look(document)
	if err != nil {
		return 0, err
	}
	if v.head.modified <= at {
		return v.head.revision, nil // no record is later than that
	}
	if v.first > 0 && at < v.latest {
		return 0, fmt.Errorf("%w: %q at %d", ErrDropped, document, at)
	}
	for next := v.first; next < v.base.revision; {
		recs, err := s.chunkTimes(document, &v, next)
		if err != nil {
			return 0, err
		}
		for i := range recs {
			if recs[i].Time > at {
				return recs[i].Revision, nil
			}
		}
		next = recs[len(recs)-1].Revision + 1
	}
	return tailRevisionAt(document, &v, at)
}

// RecordsBetween calls fn for the records that took a document from its state
// at one time to its state at another, in order: those from revision
// RevisionAt(after) to RevisionAt(until), both in milliseconds since the Unix
// epoch. For fn and errors see Records.
func (s *Store) RecordsBetween(document string, after, until int64, fn func(Record) error) error {
	from, err := s.RevisionAt(document, after)
	if err != nil {
		return err
	}
	to, err := s.RevisionAt(document, until)
	if err != nil {
		return err
	}
	return s.Records(document, from, to, fn)
}

func tailRevisionAt(document string, v *view, at int64) (uint64, error) {
	found := v.head.revision
	names := interner{}
	for i := range v.tail {
		t := &v.tail[i]
		if t.kind != entryAppend || t.count == 0 || t.times.latest <= at {
			continue
		}
		err := t.eachRecord(names, func(r Record) error {
			if r.Time > at {
				found = min(found, r.Revision)
			}
			return nil
		})
		if err != nil {
			return 0, corrupt(journalName, err, "records of document %q from revision %d", document, t.expect)
		}
		break
	}
	return found, nil
}

// chunkTimes is chunkAt for revisions and times alone, which takes a tenth of
// the work.
func (s *Store) chunkTimes(document string, seen *view, revision uint64) (recs []Record, err error) {
	err = s.main.view(func(tx *bolt.Tx) error {
		if err := seen.still(tx, document, revision); err != nil {
			return err
		}
		c := readCursor(tx.Bucket(bucketChunks))
		k, v, last, ok := seekValue(c, seen.base.number, revision)
		if !ok {
			return corrupt(mainName, errShort, "no chunk of document %q holds revision %d", document, revision)
		}
		chunk, err := readParts(c, k, v)
		if err == nil {
			recs, err = s.codec.decodeTimes(chunk, last)
		}
		if err == nil && recs[0].Revision > revision {
			err = fmt.Errorf("it begins at %d, after %d", recs[0].Revision, revision)
		}
		if err != nil {
			return corrupt(mainName, err, "chunk of document %q to revision %d", document, last)
		}
		recs = recs[revision-recs[0].Revision:]
		return nil
	})
	return recs, err
}

// decodeTimes is decodeChunk for revisions and times alone.
func (c *codec) decodeTimes(chunk []byte, last uint64) ([]Record, error) {
	r := byteReader{b: chunk}
	n := r.uvarint()
	if n == 0 || n > maxChunkRecords || n-1 > last {
		return nil, fmt.Errorf("chunk of %d records: %w", n, errShort)
	}
	for range 3 { // sources, sequence numbers, authors
		r.take(r.uvarint() >> 1)
	}
	recs := make([]Record, n)
	for i := range recs {
		recs[i].Revision = last - (n - 1) + uint64(i)
	}
	if err := c.readTimes(&r, recs); err != nil {
		return nil, fmt.Errorf("columns of times: %w", err)
	}
	return recs, r.err
}
