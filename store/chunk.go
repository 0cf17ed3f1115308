package store

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// A chunk holds consecutive records of one document as columns: values of one
// kind next to each other compress far better than records next to each other.
// FORMAT.md gives the bytes.
const (
	maxChunkRecords = 4096
	maxChunkBytes   = 1 << 20 // payload bytes, unless one record alone has more

	// maxNameColumn bounds what a record adds to a column of names or sequence
	// numbers: a new name, and a run of it.
	maxNameColumn = MaxNameBytes + 3*binary.MaxVarintLen64
)

// codec compresses and decompresses; it may be used by several goroutines.
type codec struct {
	enc  *zstd.Encoder
	best *zstd.Encoder // slower, for what stays
	dec  *zstd.Decoder
}

func newCodec() (*codec, error) {
	enc, err := newEncoder(zstd.SpeedDefault)
	if err != nil {
		return nil, err
	}
	best, err := newEncoder(zstd.SpeedBetterCompression)
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return &codec{enc, best, dec}, nil
}

func newEncoder(level zstd.EncoderLevel) (*zstd.Encoder, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(level), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return enc, nil
}

func (c *codec) compress(b []byte) []byte { return c.enc.EncodeAll(b, nil) }

// smallFrame is what a frame without a size holds at most: the encoder leaves
// the size out when it is less than 256.
const smallFrame = 255

// decompress refuses a frame of more than limit bytes, without unpacking it.
func (c *codec) decompress(frame []byte, limit int) ([]byte, error) {
	var h zstd.Header
	if err := h.Decode(frame); err != nil {
		return nil, err
	}
	size := uint64(smallFrame)
	if h.HasFCS {
		size = h.FrameContentSize
	}
	if size > max(smallFrame, uint64(limit)) {
		return nil, fmt.Errorf("%d bytes in a frame, at most %d are expected: %w", size, limit, errShort)
	}
	return c.dec.DecodeAll(frame, make([]byte, 0, size))
}

func (c *codec) close() {
	c.enc.Close()
	c.best.Close()
	c.dec.Close()
}

// encodeChunk returns the columns of recs.
// decodeChunk(encodeChunk(recs), last revision of recs) gives recs.
func (c *codec) encodeChunk(recs []Record) []byte {
	out := binary.AppendUvarint(nil, uint64(len(recs)))
	out = c.appendColumn(out, nameColumn(recs, func(r *Record) string { return r.Src }))
	out = c.appendColumn(out, seqColumn(recs))
	out = c.appendColumn(out, nameColumn(recs, func(r *Record) string { return r.Author }))
	out = c.appendTimes(out, recs)
	return c.appendPayloads(out, recs)
}

// nameColumn is a dictionary, then runs of (index into it, length).
func nameColumn(recs []Record, name func(*Record) string) []byte {
	index := map[string]uint64{}
	var dict, runs []byte
	for i := 0; i < len(recs); {
		n := name(&recs[i])
		x, known := index[n]
		if !known {
			x = uint64(len(index))
			index[n] = x
			dict = appendField(dict, n)
		}
		j := i + 1
		for j < len(recs) && name(&recs[j]) == n {
			j++
		}
		runs = binary.AppendUvarint(runs, x)
		runs = binary.AppendUvarint(runs, uint64(j-i))
		i = j
	}
	out := binary.AppendUvarint(nil, uint64(len(index)))
	return append(append(out, dict...), runs...)
}

// seqColumn is runs of (distance from one above the source's previous number,
// length): a source that counts on costs nothing.
func seqColumn(recs []Record) []byte {
	var out []byte
	var counts seqCounts
	run, length := uint64(0), uint64(0)
	for i := range recs {
		next := counts.of(recs[i].Src)
		d := recs[i].Seq - *next
		*next = recs[i].Seq + 1
		if length > 0 && d != run {
			out = binary.AppendUvarint(binary.AppendVarint(out, int64(run)), length)
			length = 0
		}
		run = d
		length++
	}
	if length == 0 {
		return out
	}
	return binary.AppendUvarint(binary.AppendVarint(out, int64(run)), length)
}

// seqCounts is one above the last number of every source so far.
type seqCounts struct {
	bySource map[string]*uint64
	src      string // the last one asked for, which is likely to come again
	next     *uint64
}

func (c *seqCounts) of(src string) *uint64 {
	if c.next != nil && c.src == src {
		return c.next
	}
	next := c.bySource[src]
	if next == nil {
		if c.bySource == nil {
			c.bySource = map[string]*uint64{}
		}
		next = new(uint64)
		c.bySource[src] = next
	}
	c.src, c.next = src, next
	return next
}

// appendTimes appends two columns: the lowest bytes of the distances from the
// record before, taken as zigzag, which are noise in what people type, and the
// rest, which is not. Where most distances are zero, cutting gains nothing: then
// the first column is empty and the second has all.
func (c *codec) appendTimes(dst []byte, recs []Record) []byte {
	distances := make([]uint64, len(recs))
	before, zeros := int64(0), 0
	for i := range recs {
		distances[i] = zigzag(recs[i].Time - before)
		before = recs[i].Time
		if distances[i] == 0 {
			zeros++
		}
	}
	var low []byte
	if zeros <= len(recs)/2 {
		low = make([]byte, len(recs))
		for i, d := range distances {
			low[i], distances[i] = byte(d), d>>8
		}
	}
	return c.appendNumberColumn(c.appendColumn(dst, low), distances)
}

// decodeChunk decodes what encodeChunk returned.
func (c *codec) decodeChunk(chunk []byte, last uint64) ([]Record, error) {
	return c.decodeChunkInto(nil, chunk, last)
}

// decodeChunkInto is decodeChunk that uses the memory of a slice again. What the
// records point to is new.
func (c *codec) decodeChunkInto(recs []Record, chunk []byte, last uint64) ([]Record, error) {
	r := byteReader{b: chunk}
	n := r.uvarint()
	if n == 0 || n > maxChunkRecords || n-1 > last {
		return nil, fmt.Errorf("chunk of %d records: %w", n, errShort)
	}
	recs = slices.Grow(recs[:0], int(n))[:n]
	for i := range recs {
		recs[i].Revision = last - (n - 1) + uint64(i)
	}
	for _, column := range [...]struct {
		name string
		read func([]byte, []Record) error
	}{{"sources", readSources}, {"sequence numbers", readSeqs}, {"authors", readAuthors}} {
		b, err := c.readColumn(&r, int(n)*maxNameColumn)
		if err == nil {
			err = column.read(b, recs)
		}
		if err != nil {
			return nil, fmt.Errorf("column of %s: %w", column.name, err)
		}
	}
	if err := c.readTimes(&r, recs); err != nil {
		return nil, fmt.Errorf("columns of times: %w", err)
	}
	if err := c.readPayloads(&r, recs); err != nil {
		return nil, fmt.Errorf("payloads: %w", err)
	}
	return recs, r.end()
}

func readSources(column []byte, recs []Record) error {
	return readNames(column, recs, func(r *Record, s string) { r.Src = s })
}

func readAuthors(column []byte, recs []Record) error {
	return readNames(column, recs, func(r *Record, s string) { r.Author = s })
}

func readNames(column []byte, recs []Record, set func(*Record, string)) error {
	r := byteReader{b: column}
	n := r.uvarint()
	if n > uint64(len(recs)) {
		return errShort
	}
	dict := make([]string, n)
	for i := range dict {
		dict[i] = string(r.field())
	}
	for i := 0; i < len(recs); {
		x, length := r.uvarint(), r.uvarint()
		if r.err != nil || x >= n || length == 0 || length > uint64(len(recs)-i) {
			return errShort
		}
		for range length {
			set(&recs[i], dict[x])
			i++
		}
	}
	return r.end()
}

func readSeqs(column []byte, recs []Record) error {
	r := byteReader{b: column}
	var counts seqCounts
	for i := 0; i < len(recs); {
		d, length := r.varint(), r.uvarint()
		if r.err != nil || length == 0 || length > uint64(len(recs)-i) {
			return errShort
		}
		for range length {
			next := counts.of(recs[i].Src)
			recs[i].Seq = *next + uint64(d)
			*next = recs[i].Seq + 1
			i++
		}
	}
	return r.end()
}

func (c *codec) readTimes(r *byteReader, recs []Record) error {
	low, err := c.readColumn(r, len(recs))
	if err != nil {
		return err
	}
	if len(low) != len(recs) && len(low) != 0 {
		return errShort
	}
	high, err := c.readNumberColumn(r, len(recs))
	if err != nil {
		return err
	}
	before := int64(0)
	for i := range recs {
		d := high.next()
		if len(low) > 0 {
			d = d<<8 | uint64(low[i])
		}
		before += unzigzag(d)
		recs[i].Time = before
	}
	return high.end()
}
