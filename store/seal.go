package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	bolt "go.etcd.io/bbolt"
)

// errChecksum reports bytes that are not the ones that were written.
var errChecksum = errors.New("checksum mismatch")

// checksum covers the key as well, so that a value under a wrong key, as a lost
// or misdirected page write leaves it, is noticed.
func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

// seal returns crc32c (4, little endian) | body; unseal(key, seal(key, b)) == b.
func seal(key, body []byte) []byte {
	out := make([]byte, 4, 4+len(body))
	binary.LittleEndian.PutUint32(out, checksum(key, body))
	return append(out, body...)
}

// unseal checks a value and returns its body, aliasing value.
func unseal(key, value []byte) ([]byte, error) {
	if len(value) < 4 || binary.LittleEndian.Uint32(value) != checksum(key, value[4:]) {
		return nil, errChecksum
	}
	return value[4:], nil
}

// putValue stores a sealed value.
func putValue(b *bolt.Bucket, key, body []byte) error {
	guard(b, key)
	return b.Put(key, seal(key, body))
}

// A part is a piece of a value that may be larger than a page: bbolt keeps up
// to four values in a leaf however large they are, so a large value drags its
// neighbours along and needs contiguous pages. Ten parts fill a page: with fewer,
// pages are left emptier when they are split.
//
//	key   = document number (8) | n (8) | index of the part (2), big endian
//	value = crc32c of key and rest (4) | number of parts (2), little endian | data
const (
	partData   = 340 // or more, in values that would have too many parts
	maxParts   = 1<<16 - 1
	partHeader = 6
)

func partKey(number, n uint64, part int) []byte {
	k := binary.BigEndian.AppendUint64(nil, number)
	k = binary.BigEndian.AppendUint64(k, n)
	return binary.BigEndian.AppendUint16(k, uint16(part))
}

// putParts stores v under (number, n), where nothing may be stored yet.
func putParts(b *bolt.Bucket, number, n uint64, v []byte) error {
	b.FillPercent = 1
	total := min(max(1, (len(v)+partData-1)/partData), maxParts)
	size := (len(v) + total - 1) / total // alike, so that no page ends before a part that does not fit
	for i := range total {
		piece := v[min(i*size, len(v)):min((i+1)*size, len(v))]
		body := binary.LittleEndian.AppendUint16(make([]byte, 0, 2+len(piece)), uint16(total))
		key := partKey(number, n, i)
		if i == 0 {
			guard(b, key) // the others lie next to it
		}
		if err := b.Put(key, seal(key, append(body, piece...))); err != nil {
			return err
		}
	}
	return nil
}

// readParts joins the parts that begin at the cursor's position (k, v), part 0
// of some value, into a new slice.
func readParts(c cursor, k, v []byte) ([]byte, error) {
	var out []byte
	number, n, first, ok := splitPartKey(k)
	if !ok || first != 0 {
		return nil, fmt.Errorf("first part of value %x is missing", k)
	}
	for i, total := 0, 1; i < total; i++ {
		if i > 0 {
			k, v = c.Next()
		}
		num, m, part, ok := splitPartKey(k)
		if !ok || num != number || m != n || part != i {
			return nil, fmt.Errorf("part %d of value (%d, %d) is missing", i, number, n)
		}
		body, err := unseal(k, v)
		if err != nil || len(body) < 2 {
			return nil, fmt.Errorf("part %d of value (%d, %d): %w", i, number, n, errChecksum)
		}
		if total = int(binary.LittleEndian.Uint16(body)); i == 0 {
			out = make([]byte, 0, total*len(body))
		}
		out = append(out, body[2:]...)
	}
	return out, nil
}

// seekValue positions c on the value of a document with the least key number of
// at least n. It only ever moves forward: in a transaction that deleted keys,
// bbolt's Prev may stop at a page that became empty.
func seekValue(c cursor, number, n uint64) (k, v []byte, have uint64, ok bool) {
	k, v = c.Seek(partKey(number, n, 0))
	num, have, _, valid := splitPartKey(k)
	return k, v, have, valid && num == number
}

// nextValue moves c from a part of one value to the first part of the next.
func nextValue(c cursor, number uint64) (k, v []byte, have uint64, ok bool) {
	for {
		k, v = c.Next()
		num, n, part, valid := splitPartKey(k)
		if !valid || num != number {
			return nil, nil, 0, false
		}
		if part == 0 {
			return k, v, n, true
		}
	}
}

func splitPartKey(k []byte) (number, n uint64, part int, ok bool) {
	if len(k) != 18 {
		return 0, 0, 0, false
	}
	return binary.BigEndian.Uint64(k), binary.BigEndian.Uint64(k[8:]), int(binary.BigEndian.Uint16(k[16:])), true
}

// deletePrefix removes every key that begins with prefix. Keys are collected
// first: deleting under a moving bbolt cursor skips keys.
func deletePrefix(b *bolt.Bucket, prefix []byte) error {
	var keys [][]byte
	c := readCursor(b)
	for k, _ := c.Seek(prefix); k != nil && len(k) >= len(prefix) && string(k[:len(prefix)]) == string(prefix); k, _ = c.Next() {
		keys = append(keys, append([]byte(nil), k...))
	}
	for _, k := range keys {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}
