package store

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// A column is bytes with their length and how they are packed in front:
//
//	uvarint length<<1 | packed | bytes, a zstd frame if packed
//
// Each column is packed alone, because zstd makes one table of symbols for all it
// is given, and the columns of a chunk have nothing in common.

// minPacked is the size from which packing may win more than a frame costs.
const minPacked = 40

func (c *codec) appendColumn(dst, column []byte) []byte {
	if len(column) >= minPacked {
		enc := c.enc
		if len(column) >= fullChunk { // the records of a full chunk, which are not rewritten
			enc = c.best
		}
		frame := enc.EncodeAll(column, make([]byte, 0, len(column)))
		if len(frame) < len(column) {
			dst = binary.AppendUvarint(dst, uint64(len(frame))<<1|1)
			return append(dst, frame...)
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(column))<<1)
	return append(dst, column...)
}

// readColumn reads a column that has at most limit bytes when unpacked: so a
// damaged one costs neither memory nor time.
func (c *codec) readColumn(r *byteReader, limit int) ([]byte, error) {
	size := r.uvarint()
	b := r.take(size >> 1)
	if r.err != nil || size&1 == 0 {
		return b, r.err
	}
	return c.decompress(b, limit)
}

func (c *codec) appendNumberColumn(dst []byte, numbers []uint64) []byte {
	return c.appendColumn(dst, appendNumbers(make([]byte, 0, 2*len(numbers)+1), numbers))
}

// readNumberColumn reads a column of at most so many numbers.
func (c *codec) readNumberColumn(r *byteReader, most int) (numberReader, error) {
	column, err := c.readColumn(r, 1+most*binary.MaxVarintLen64)
	if err != nil {
		return numberReader{}, err
	}
	n := newNumberReader(column)
	return n, n.err
}

// How a column of numbers is written. Its first byte says which.
const (
	numbersPlain    = 0 // each as uvarint
	numbersDistance = 1 // each as varint distance from the one before, the first from 0
	numbersEqual    = 2 // all are the one uvarint
)

// appendNumbers appends a column of numbers in the way that changes least from
// one to the next: that is what zstd makes small. Distances must win clearly,
// because the letters of a text change as often as their distances.
func appendNumbers(dst []byte, numbers []uint64) []byte {
	if len(numbers) == 0 {
		return dst
	}
	plain, distance := changes(numbers)
	switch {
	case plain == 0:
		return binary.AppendUvarint(append(dst, numbersEqual), numbers[0])
	case distance < plain-plain/4:
		dst = append(dst, numbersDistance)
		before := uint64(0)
		for _, n := range numbers {
			dst = binary.AppendVarint(dst, int64(n-before))
			before = n
		}
		return dst
	}
	dst = append(dst, numbersPlain)
	for _, n := range numbers {
		dst = binary.AppendUvarint(dst, n)
	}
	return dst
}

// changes weighs both ways of writing numbers: the bytes of what is not the same
// as the one before.
func changes(numbers []uint64) (plain, distance int) {
	var before uint64
	for i := 1; i < len(numbers); i++ {
		step := numbers[i] - numbers[i-1]
		if step != 0 {
			plain += uvarintLen(numbers[i])
		}
		if i == 1 || step != before {
			distance += uvarintLen(zigzag(int64(step)))
		}
		before = step
	}
	return plain, distance
}

func uvarintLen(n uint64) int { return (bits.Len64(n|1) + 6) / 7 }

// zigzag is the uvarint that a varint is written as.
func zigzag(n int64) uint64 { return uint64(n)<<1 ^ uint64(n>>63) }

func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }

// numberReader reads a column of numbers one after the other.
type numberReader struct {
	byteReader
	kind  byte
	value uint64 // the last one read
}

func newNumberReader(column []byte) numberReader {
	n := numberReader{byteReader: byteReader{b: column}, kind: numbersPlain}
	if len(column) == 0 {
		return n // of no numbers: the first read fails
	}
	switch n.kind = n.byte(); n.kind {
	case numbersPlain, numbersDistance:
	case numbersEqual:
		n.value = n.uvarint()
	default:
		n.err = fmt.Errorf("numbers of unknown kind %d", n.kind)
	}
	return n
}

func (n *numberReader) next() uint64 {
	switch n.kind {
	case numbersPlain:
		n.value = n.uvarint()
	case numbersDistance:
		n.value += uint64(n.varint())
	}
	return n.value
}
