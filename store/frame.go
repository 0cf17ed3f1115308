package store

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
)

// A batch is the bytes of all entries of one commit, and a trailer. It is cut into
// frames without regard to where entries begin, so that three frames fill one page
// whatever the sizes of the records, and no value is larger than a page.
//
//	frame   = crc32c (4, little endian) | flags (1) | data (at most maxFrameData)
//	trailer = trailer sum of the batch before (4, little endian) | crc32c of the batch up to here (4)
//
// A frame's checksum covers its key (its sequence number, 8 bytes big endian), the
// flags and the data. The first frame of a batch carries frameFirst, the last one
// frameLast, and frameChained if the batch has a trailer: those of format 2 have none.
//
// Law: the trailers chain the batches. Who knows the last one's sum knows whether
// frames that are whole, one by one, are those that belong together.
const (
	frameHeader  = 5
	maxFrameData = 1327

	frameFirst   byte = 1
	frameLast    byte = 2
	frameChained byte = 4

	batchTrailer = 8
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frames returns how many frames a batch of n bytes takes, its trailer included.
func frames(n int) uint64 {
	return uint64(n+maxFrameData-1) / maxFrameData
}

// chain appends its trailer to a batch that follows one whose sum is before, and
// returns its own sum.
func chain(batch []byte, before uint32) ([]byte, uint32) {
	batch = binary.LittleEndian.AppendUint32(batch, before)
	sum := crc32.Checksum(batch, castagnoli)
	return binary.LittleEndian.AppendUint32(batch, sum), sum
}

// putFrames cuts a batch with its trailer into frames and passes them to put with
// keys seq, seq+1, … put may keep the value but not the key. The values lie in buf,
// which is returned grown as needed.
func putFrames(buf, batch []byte, seq uint64, put func(key, value []byte) error) ([]byte, error) {
	flags := frameFirst
	buf = slices.Grow(buf[:0], len(batch)+frameHeader*int(frames(len(batch))))
	var key [8]byte
	for len(batch) > 0 {
		n := min(len(batch), maxFrameData)
		if n == len(batch) {
			flags |= frameLast | frameChained
		}
		binary.BigEndian.PutUint64(key[:], seq)
		begin := len(buf)
		buf = appendFrame(buf, key[:], flags, batch[:n])
		if err := put(key[:], buf[begin:]); err != nil {
			return buf, err
		}
		batch, flags, seq = batch[n:], 0, seq+1
	}
	return buf, nil
}

func appendFrame(dst, key []byte, flags byte, data []byte) []byte {
	begin := len(dst)
	dst = append(dst, 0, 0, 0, 0, flags)
	dst = append(dst, data...)
	value := dst[begin:]
	binary.LittleEndian.PutUint32(value, checksum(key, value[4:]))
	return dst
}

// openFrame checks a frame and returns its flags and data, which aliases value.
func openFrame(key, value []byte) (flags byte, data []byte, err error) {
	if len(value) < frameHeader {
		return 0, nil, fmt.Errorf("frame of %d bytes is too short", len(value))
	}
	if binary.LittleEndian.Uint32(value) != checksum(key, value[4:]) {
		return 0, nil, errChecksum
	}
	return value[4], value[frameHeader:], nil
}

// batchReader joins frames back into batches. Feed it every frame in order.
type batchReader struct {
	next uint64 // expected key of the next frame, 0 before the first
	sum  uint32 // of the last batch; 0 before the first, and after one without a trailer
	any  bool   // a batch was read: the next one has to follow it
	buf  []byte
	open bool
}

// add takes the next frame. It returns the batch that the frame completes, without
// its trailer, or nil. The batch is valid until the next call.
func (r *batchReader) add(key, value []byte) ([]byte, error) {
	if len(key) != 8 {
		return nil, fmt.Errorf("key of %d bytes, want 8", len(key))
	}
	seq := binary.BigEndian.Uint64(key)
	if r.next != 0 && seq != r.next {
		return nil, fmt.Errorf("frame %d follows frame %d", seq, r.next-1)
	}
	flags, data, err := openFrame(key, value)
	if err != nil {
		return nil, err
	}
	if first := flags&frameFirst != 0; first == r.open {
		return nil, fmt.Errorf("frame %d: batches overlap or lack a beginning", seq)
	}
	r.next = seq + 1
	if flags&frameFirst != 0 {
		r.buf = r.buf[:0]
	}
	r.buf = append(r.buf, data...)
	r.open = flags&frameLast == 0
	if r.open {
		return nil, nil
	}
	return r.unchain(flags)
}

// unchain checks the trailer of the batch that was read and takes it away.
func (r *batchReader) unchain(flags byte) ([]byte, error) {
	before, follows := r.sum, r.any
	r.sum, r.any = 0, true
	if flags&frameChained == 0 {
		return r.buf, nil
	}
	n := len(r.buf) - batchTrailer
	if n < 0 {
		return nil, fmt.Errorf("frame %d: %w", r.next-1, errShort)
	}
	trailer := r.buf[n:]
	r.sum = binary.LittleEndian.Uint32(trailer[4:])
	if crc32.Checksum(r.buf[:n+4], castagnoli) != r.sum {
		return nil, fmt.Errorf("batch that ends with frame %d: %w", r.next-1, errChecksum)
	}
	if follows && binary.LittleEndian.Uint32(trailer) != before {
		return nil, fmt.Errorf("the batch that ends with frame %d does not follow the one before it", r.next-1)
	}
	return r.buf[:n], nil
}
