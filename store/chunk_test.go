package store

import (
	"bytes"
	"encoding/binary"
	"math"
	"reflect"
	"testing"
)

func mustCodec(tb testing.TB) *codec {
	tb.Helper()
	c, err := newCodec()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.close)
	return c
}

// chunkOfAllShapes has payloads that are numbers, hardly numbers, and not numbers.
func chunkOfAllShapes() []Record {
	payloads := [][]byte{
		nil,
		{0},
		{1, 2, 3},
		{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, // more numbers than columns
		{0x80, 0x00},                    // zero, not in its shortest form
		{0x81, 0x80, 0x00, 5},           // one, not in its shortest form
		{0x80},                          // a number without an end
		binary.AppendUvarint(nil, math.MaxUint64), // the largest number
		bytes.Repeat([]byte{0xff}, 12),            // larger than any number
		append([]byte{1, 2}, bytes.Repeat([]byte("text… "), 100)...),
		make([]byte, 5000),
	}
	recs := make([]Record, len(payloads))
	for i, p := range payloads {
		recs[i] = Record{
			Revision: uint64(i), Src: string(rune('a' + i%3)), Seq: uint64(i * i),
			Author: "ann", Time: int64(i) * 100 * int64(1-i%2*2), Payload: p,
		}
	}
	return recs
}

func TestChunkGivesBackEveryShapeOfPayload(t *testing.T) {
	c := mustCodec(t)
	want := chunkOfAllShapes()
	for n := 1; n <= len(want); n++ {
		got, err := c.decodeChunk(c.encodeChunk(want[:n]), uint64(n-1))
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			a, b := want[i], got[i]
			if !bytes.Equal(a.Payload, b.Payload) {
				t.Fatalf("payload %x became %x", a.Payload, b.Payload)
			}
			a.Payload, b.Payload = nil, nil
			if !reflect.DeepEqual(a, b) {
				t.Fatalf("%+v became %+v", a, b)
			}
		}
	}
}

// The chunk of a paper's keystrokes stays small: a change that makes history
// grow is noticed here and not on somebody's disk.
func TestKeystrokesTakeLessThanAByte(t *testing.T) {
	recs := paperRecords(t, true, 10*maxChunkRecords)
	c := mustCodec(t)
	size := 0
	for i := 0; i < len(recs); i += maxChunkRecords {
		size += len(c.encodeChunk(recs[i:min(i+maxChunkRecords, len(recs))]))
	}
	if each := float64(size) / float64(len(recs)); each > 0.85 {
		t.Errorf("%.3f bytes per keystroke, want at most 0.85", each)
	}
}
