package store

import (
	"bytes"
	"encoding/binary"

	bolt "go.etcd.io/bbolt"
)

// Values leave main.db a bounded number in a transaction: deleting a large
// document must not hold up the records of all others. What is left to do is in
// the bucket doomed, which survives a crash: per document number the revision up
// to which its chunks go, or everything for everything of it.
const (
	removeKeys = 4096 // keys removed in one transaction

	everything = ^uint64(0)
)

// removeDocument removes a document's row, and of the rest what one transaction
// may; reap does what remains.
func removeDocument(tx *bolt.Tx, document string, number uint64) error {
	b := tx.Bucket(bucketDocuments)
	guard(b, []byte(document))
	if err := b.Delete([]byte(document)); err != nil {
		return err
	}
	return removeSome(tx, number, everything)
}

// removeSome removes values of a document, and notes whether there are more.
func removeSome(tx *bolt.Tx, number, before uint64) error {
	left := removeKeys
	buckets := [][]byte{bucketChunks}
	if before == everything {
		buckets = [][]byte{bucketMeta, bucketChunks, bucketSnapshots, bucketSources, bucketMessages}
	}
	for _, name := range buckets {
		n, err := removeKeysOf(tx.Bucket(name), number, before, left)
		if err != nil {
			return err
		}
		left -= n
	}
	doomed := tx.Bucket(bucketDoomed)
	if left > 0 {
		guard(doomed, numberKey(number))
		return doomed.Delete(numberKey(number))
	}
	return putValue(doomed, numberKey(number), binary.AppendUvarint(nil, before))
}

// removeKeysOf removes at most limit keys of a document from a bucket: those of
// values whose n is below before, or all.
func removeKeysOf(b *bolt.Bucket, number, before uint64, limit int) (int, error) {
	var keys [][]byte
	c, prefix := readCursor(b), numberKey(number)
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix) && len(keys) < limit; k, _ = c.Next() {
		if _, n, _, ok := splitPartKey(k); before != everything && (!ok || n >= before) {
			break
		}
		keys = append(keys, bytes.Clone(k))
	}
	for _, k := range keys {
		if err := b.Delete(k); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}

// reap goes on removing what is doomed until nothing is, or until there is
// something better to do.
func (s *Store) reap() error {
	for {
		s.mu.Lock()
		busy := len(s.sealed) > 0 || s.failed != nil
		s.mu.Unlock()
		if busy {
			return nil
		}
		done := false
		err := s.main.view(func(tx *bolt.Tx) error {
			k, _ := readCursor(tx.Bucket(bucketDoomed)).Seek(nil)
			done = k == nil
			return nil
		})
		if err != nil || done {
			return err
		}
		if err := s.updateMain(reapOne); err != nil {
			return err
		}
	}
}

func reapOne(tx *bolt.Tx) error {
	key, v := readCursor(tx.Bucket(bucketDoomed)).Seek(nil)
	if key == nil {
		return nil
	}
	before, err := decodeDoomed(key, v)
	if err != nil {
		return corrupt(mainName, err, "what is left of document number %x", key)
	}
	return removeSome(tx, binary.BigEndian.Uint64(key), before)
}

func decodeDoomed(key, value []byte) (before uint64, err error) {
	body, err := unseal(key, value)
	if err != nil {
		return 0, err
	}
	r := byteReader{b: body}
	if before = r.uvarint(); len(key) != 8 {
		return 0, errShort
	}
	return before, r.end()
}
