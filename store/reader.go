package store

import (
	"encoding/binary"
	"errors"
)

// errShort reports that bytes ended too early or a number was malformed.
var errShort = errors.New("truncated or malformed bytes")

// byteReader reads the primitives of every encoding of this package. The first
// malformed read sets err and empties it; later reads answer zero values, so a
// decoder checks err once at its end.
type byteReader struct {
	b   []byte
	err error
}

func (r *byteReader) fail() {
	r.b, r.err = nil, errShort
}

func (r *byteReader) uvarint() uint64 {
	if len(r.b) > 0 && r.b[0] < 0x80 { // most are
		v := uint64(r.b[0])
		r.b = r.b[1:]
		return v
	}
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *byteReader) varint() int64 {
	return unzigzag(r.uvarint())
}

func (r *byteReader) byte() byte {
	if len(r.b) == 0 {
		r.fail()
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

// take returns the next n bytes, aliasing the input.
func (r *byteReader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

// field returns bytes preceded by their length, aliasing the input.
func (r *byteReader) field() []byte { return r.take(r.uvarint()) }

// end returns the first error; bytes left over are one too.
func (r *byteReader) end() error {
	if r.err == nil && len(r.b) > 0 {
		return errors.New("bytes left over")
	}
	return r.err
}

func appendField[T string | []byte](dst []byte, v T) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(v)))
	return append(dst, v...)
}
