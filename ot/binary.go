package ot

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The binary form of one delta, version 1. Numbers are unsigned varints
// (encoding/binary); the columns follow one another:
//
//	version     1
//	count       number of ops
//	steps       per op: length<<3 | hasAttributes<<2 | kind-1
//	attributes  only if some op has any:
//	            number of distinct sets; per set its size and its JSON object;
//	            per op that has attributes the index of its set
//	embeds      per embed its size and its JSON object
//	text        the rest: all inserted texts, one after the other, in WTF-8
//
// Sizes are in bytes, lengths in UTF-16 code units. Texts need no sizes because
// their lengths are known. JSON is in the canonical form of this package.
const binaryVersion = 1

const (
	stepKindBits   = 0b011
	stepAttributes = 0b100
	stepLengthAt   = 3
)

// binaryDepth bounds nesting in binary input; what a JSON decoder with other
// limits let in must come back.
const binaryDepth = 10_000

// AppendBinary appends d in the binary form, exactly as it is. Ops of length
// zero, which do nothing, are left out.
func AppendBinary(dst []byte, d Delta) []byte {
	count := 0
	attributed, embeds := false, false
	for i := range d {
		op := &d[i]
		if op.n > 0 {
			count++
			attributed = attributed || op.attrs.set != nil
			embeds = embeds || op.kind == Embed
		}
	}
	dst = append(dst, binaryVersion)
	dst = binary.AppendUvarint(dst, uint64(count))
	for i := range d {
		if d[i].n > 0 {
			dst = appendStep(dst, stepOf(&d[i]))
		}
	}
	if attributed {
		dst = appendAttributeColumn(dst, d)
	}
	if embeds {
		dst = appendEmbedColumn(dst, d)
	}
	for i := range d {
		if d[i].kind == Insert {
			dst = append(dst, d[i].text...)
		}
	}
	return dst
}

// stepOf packs what an op is, but for its text and attributes, into one number.
func stepOf(op *Op) uint64 {
	step := uint64(op.n)<<stepLengthAt | uint64(op.kind-Insert)
	if op.attrs.set != nil {
		step |= stepAttributes
	}
	return step
}

// appendStep appends a step as an unsigned varint. Nearly all take three bytes or
// less, and for those it is faster than the library.
func appendStep(dst []byte, step uint64) []byte {
	switch {
	case step < 1<<7:
		return append(dst, byte(step))
	case step < 1<<14:
		return append(dst, byte(step)|0x80, byte(step>>7))
	case step < 1<<21:
		return append(dst, byte(step)|0x80, byte(step>>7)|0x80, byte(step>>14))
	}
	return binary.AppendUvarint(dst, step)
}

func appendSized(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

// attributeTable lists the distinct attribute sets of a delta.
type attributeTable struct {
	sets  []Attributes
	index map[string]int // by JSON, once there are too many to look through
}

// add lists a, which is not empty, unless it is listed.
func (t *attributeTable) add(a Attributes) {
	if t.find(a) < 0 {
		if t.index != nil {
			t.index[a.String()] = len(t.sets)
		}
		t.sets = append(t.sets, a)
		if len(t.sets) == maxScannedSets {
			t.index = make(map[string]int)
			for i, set := range t.sets {
				t.index[set.String()] = i
			}
		}
	}
}

// maxScannedSets is the size up to which a table is searched one by one.
const maxScannedSets = 16

// find returns the index of a, or -1.
func (t *attributeTable) find(a Attributes) int {
	if t.index != nil {
		if i, ok := t.index[a.String()]; ok {
			return i
		}
		return -1
	}
	for i, set := range t.sets {
		if set.Equal(a) {
			return i
		}
	}
	return -1
}

// appendAttributeColumn appends the attributes column of d, which has some.
func appendAttributeColumn(dst []byte, d Delta) []byte {
	var table attributeTable
	for i := range d {
		if d[i].n > 0 && d[i].attrs.set != nil {
			table.add(d[i].attrs)
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(table.sets)))
	for _, set := range table.sets {
		dst = appendSized(dst, set.String())
	}
	for i := range d {
		if d[i].n > 0 && d[i].attrs.set != nil {
			dst = binary.AppendUvarint(dst, uint64(table.find(d[i].attrs)))
		}
	}
	return dst
}

func appendEmbedColumn(dst []byte, d Delta) []byte {
	for i := range d {
		if d[i].kind == Embed {
			dst = appendSized(dst, d[i].text)
		}
	}
	return dst
}

// DecodeBinary reads a delta written by AppendBinary. Errors match ErrMalformed.
// It never allocates more than a fixed multiple of the size of data.
func DecodeBinary(data []byte) (Delta, error) {
	var dec Decoder
	dec.texts.chunk = min(len(data), arenaChunk)
	return dec.AppendBinary(nil, data)
}

// AppendBinary appends the ops of the delta in data, written by the function of
// the same name, to dst. Limits on bytes and ops hold. After an error the answer
// is nil; what was in dst is not changed.
func (dec *Decoder) AppendBinary(dst Delta, data []byte) (Delta, error) {
	if lim := dec.Limits.Bytes; lim > 0 && len(data) > lim {
		return nil, &LimitError{Limit: "Bytes", Max: lim}
	}
	if len(data) == 0 || data[0] != binaryVersion {
		return nil, fmt.Errorf("%w: unknown version of the binary form", ErrMalformed)
	}
	in := columnReader{data: data[1:]}
	start := len(dst)
	dst, err := dec.steps(dst, &in)
	if err != nil {
		return nil, err
	}
	ops := dst[start:]
	in.attributes(ops)
	in.embeds(ops)
	in.texts(ops, &dec.texts)
	if in.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, in.err)
	}
	return dst, nil
}

// hasAttributes stands, while a delta is being read, for a set not yet known.
var hasAttributes = Attributes{&attributeSet{}}

// steps reads the column of the same name.
func (dec *Decoder) steps(dst Delta, in *columnReader) (Delta, error) {
	count := in.uvarint()
	if lim := dec.Limits.Ops; lim > 0 && count > uint64(lim) {
		return nil, &LimitError{Limit: "Ops", Max: lim}
	}
	if count > uint64(len(in.data)) {
		in.fail("more ops announced than there is data")
		count = 0
	}
	for range count {
		step := in.uvarint()
		op := Op{kind: Insert + Kind(step&stepKindBits), n: int(step >> stepLengthAt)}
		if step&stepAttributes != 0 {
			op.attrs = hasAttributes
		}
		if op.n < 1 || op.n > maxLength || op.kind == Embed && op.n != 1 || op.kind == Delete && op.attrs.set != nil {
			in.fail("impossible op")
			break
		}
		dst = append(dst, op)
	}
	return dst, nil
}

// columnReader reads columns from the front of data. After a failure every read
// gives zero, and err keeps the first reason.
type columnReader struct {
	data []byte
	err  error
}

func (in *columnReader) fail(reason string) {
	if in.err == nil {
		in.err = errors.New(reason)
	}
	in.data = nil
}

func (in *columnReader) uvarint() uint64 {
	v, n := binary.Uvarint(in.data)
	if n <= 0 {
		in.fail("number cut short")
		return 0
	}
	in.data = in.data[n:]
	return v
}

// sized reads a size and that many bytes.
func (in *columnReader) sized() []byte {
	n := in.uvarint()
	if n > uint64(len(in.data)) {
		in.fail("value cut short")
		return nil
	}
	value := in.data[:n]
	in.data = in.data[n:]
	return value
}

// attributes reads the column of the same name into ops.
func (in *columnReader) attributes(ops Delta) {
	var sets []Attributes
	for i := range ops {
		if ops[i].attrs.set == nil || in.err != nil {
			continue
		}
		if sets == nil {
			sets = in.attributeSets()
		}
		index := in.uvarint()
		if index >= uint64(len(sets)) {
			in.fail("unknown set of attributes")
			return
		}
		ops[i].attrs = sets[index]
	}
}

func (in *columnReader) attributeSets() []Attributes {
	var sets []Attributes
	for count := in.uvarint(); count > 0 && in.err == nil; count-- {
		json := in.sized()
		s := scanner{data: json, limits: Limits{Depth: binaryDepth}}
		a, err := s.wholeAttributes()
		if err != nil || a.set == nil || a.String() != string(json) {
			in.fail("attributes are not canonical")
			return nil
		}
		sets = append(sets, a)
	}
	return sets
}

// embeds reads the column of the same name into ops.
func (in *columnReader) embeds(ops Delta) {
	for i := range ops {
		if ops[i].kind != Embed || in.err != nil {
			continue
		}
		json := in.sized()
		s := scanner{data: json, limits: Limits{Depth: binaryDepth}}
		text, err := s.wholeEmbed()
		if err != nil || text != string(json) {
			in.fail("embed is not canonical")
			return
		}
		ops[i].text = text
	}
}

// sizeOf returns how many bytes the first n units of s take, and false unless they
// are canonical WTF-8.
func sizeOf(s []byte, n int) (size int, ok bool) {
	if n <= len(s) && isASCII(s[:n]) {
		return n, true
	}
	size, inPair := byteOffset(s, n)
	return size, size <= len(s) && !inPair && unitCount(s[:size]) == n && isCanonicalBytes(s[:size])
}

// texts reads the column of the same name, which is all that is left, into ops.
func (in *columnReader) texts(ops Delta, keep *arena) {
	rest := in.data
	for i := range ops {
		op := &ops[i]
		if op.kind != Insert || in.err != nil {
			continue
		}
		size, ok := sizeOf(rest, op.n)
		if !ok {
			in.fail("text is cut short or not WTF-8")
			return
		}
		op.text = keep.keep(rest[:size])
		rest = rest[size:]
	}
	if len(rest) > 0 {
		in.fail("something follows the text")
	}
}
