package store

import (
	"math/bits"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// A document flushed a little at a time would end up in many small chunks, which
// take more room and more time to read. So chunks are joined, in tiers: as soon
// as tierChunks chunks of one order of magnitude lie at the end of a document,
// they become one. That rewrites each record once per tier, of which there are
// four. A chunk of fullChunk records is left alone.
const (
	tierChunks = 8
	fullChunk  = maxChunkRecords / 2
)

// tier is the order of magnitude of a chunk's number of records.
func tier(records int) int { return (bits.Len(uint(records)) - 1) / 3 }

// joinable returns how many of the document's last chunks, whose numbers of
// records are given, are to be joined with so many new records.
func joinable(chunks []int, records int) int {
	joined := 0
	for {
		n, sum := joined, records
		for n < len(chunks) && tier(chunks[len(chunks)-1-n]) <= tier(records) {
			sum += chunks[len(chunks)-1-n]
			n++
		}
		if n-joined < tierChunks-1 || records >= fullChunk {
			return joined
		}
		joined, records = n, sum
	}
}

// appendChunks stores recs, which follow the document's records in main.db.
func (s *Store) appendChunks(tx *bolt.Tx, number uint64, recs []Record) error {
	if len(recs) == 0 {
		return nil
	}
	b := tx.Bucket(bucketChunks)
	last, err := lastChunks(b, number, recs[0].Revision)
	if err != nil {
		return err
	}
	all := [][]Record{recs}
	bytes := payloadBytes(recs)
	for range joinable(last, len(recs)) {
		before, err := s.readChunk(b, number, all[0][0].Revision-1)
		if err != nil {
			return err
		}
		if bytes += payloadBytes(before); bytes > maxChunkBytes {
			break
		}
		if err := deletePrefix(b, partKey(number, all[0][0].Revision-1, 0)[:16]); err != nil {
			return err
		}
		all = slices.Insert(all, 0, before)
	}
	if len(all) > 1 {
		recs = slices.Concat(all...)
	}
	for len(recs) > 0 {
		n := chunkLength(recs)
		if err := putParts(b, number, recs[n-1].Revision, s.codec.encodeChunk(recs[:n])); err != nil {
			return err
		}
		recs = recs[n:]
	}
	return nil
}

// lastChunks returns the numbers of records of those chunks at the end of a
// document of so many records that lie after its last full one. A document has
// few: see joinable.
func lastChunks(b *bolt.Bucket, number, revision uint64) (records []int, err error) {
	c := readCursor(b)
	next := revision - min(revision, maxChunkRecords)
	for k, v, last, ok := seekValue(c, number, next); next < revision; k, v, last, ok = nextValue(c, number) {
		if !ok || last < next || last >= revision {
			return nil, corrupt(mainName, errShort, "chunks of document number %d do not reach its revision %d", number, revision)
		}
		n, err := chunkRecords(k, v)
		if err != nil {
			return nil, corrupt(mainName, err, "chunk of document number %d to revision %d", number, last)
		}
		if records = append(records, n); n >= fullChunk {
			records = records[:0]
		}
		next = last + 1
	}
	return records, nil
}

// chunkRecords reads the number of records of a chunk from its first part.
func chunkRecords(key, part []byte) (int, error) {
	body, err := unseal(key, part)
	if err != nil {
		return 0, err
	}
	r := byteReader{b: body}
	r.take(partHeader - 4)
	n := r.uvarint()
	if r.err != nil || n == 0 || n > maxChunkRecords {
		return 0, errShort
	}
	return int(n), nil
}

// chunkLength returns how many of recs the next chunk takes, at least one.
func chunkLength(recs []Record) int {
	bytes, n := 0, 0
	for n < len(recs) && n < maxChunkRecords {
		bytes += len(recs[n].Payload)
		if n > 0 && bytes > maxChunkBytes {
			break
		}
		n++
	}
	return n
}

func payloadBytes(recs []Record) int {
	n := 0
	for i := range recs {
		n += len(recs[i].Payload)
	}
	return n
}

// readChunk returns the records of the chunk that holds revision. A chunk's key
// is its last revision, so that a seek forward finds it.
func (s *Store) readChunk(b *bolt.Bucket, number, revision uint64) ([]Record, error) {
	return s.readChunkInto(nil, b, number, revision)
}

// readChunkInto is readChunk that uses the memory of a slice again.
func (s *Store) readChunkInto(recs []Record, b *bolt.Bucket, number, revision uint64) ([]Record, error) {
	c := readCursor(b)
	k, v, last, ok := seekValue(c, number, revision)
	if !ok {
		return nil, corrupt(mainName, errShort, "no chunk of document number %d holds revision %d", number, revision)
	}
	sealed, err := readParts(c, k, v)
	if err != nil {
		return nil, corrupt(mainName, err, "chunk of document number %d to revision %d", number, last)
	}
	recs, err = s.codec.decodeChunkInto(recs, sealed, last)
	if err != nil {
		return nil, corrupt(mainName, err, "chunk of document number %d to revision %d", number, last)
	}
	if first := recs[0].Revision; revision < first {
		return nil, corrupt(mainName, errShort, "chunk of document number %d to revision %d begins at %d, after %d", number, last, first, revision)
	}
	return recs, nil
}
