package store

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// Decoders see whatever a damaged disk holds. They must answer an error or a
// value that encodes and decodes to itself, and never panic or loop.

func FuzzFrame(f *testing.F) {
	f.Add(numberKey(1), appendFrame(nil, numberKey(1), frameFirst|frameLast, []byte("data")))
	f.Add(numberKey(1), appendFrame(nil, numberKey(2), 0, nil))
	f.Add([]byte{}, []byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, key, value []byte) {
		var r batchReader
		batch, err := r.add(key, value)
		if err != nil || batch == nil {
			return
		}
		if again := appendFrame(nil, key, value[4], batch); !bytes.Equal(again, value) {
			t.Fatalf("frame %x is read as %x", value, batch)
		}
	})
}

func FuzzEntry(f *testing.F) {
	r, _ := newAppend("doc", 3, []Record{{Src: "s", Seq: 1, Author: "a", Time: 5, Payload: []byte("p")}, {}}, []byte("m"))
	f.Add(r.body[1:])
	f.Add(appendEntry(nil, &entry{kind: entrySetMeta, document: "d", hasMeta: true, meta: []byte("m")})[1:])
	f.Add(appendEntry(nil, &entry{kind: entryMessages, document: "d", count: 1, records: appendMessage(nil, &Message{Author: "a", Payload: []byte("p")})})[1:])
	f.Add(appendEntry(nil, &entry{kind: entryDelete, document: "d"})[1:])
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := decodeEntry(body)
		if err != nil {
			return
		}
		if e.kind == entryMessages && e.eachMessage(func(Message) error { return nil }) != nil {
			return
		}
		if e.kind != entryMessages && !isPacked(t, &e) {
			return
		}
		encoded := byteReader{b: appendEntry(nil, &e)}
		again, err := decodeEntry(encoded.field())
		if err != nil {
			t.Fatal(err)
		}
		if len(e.meta) == 0 && len(again.meta) == 0 {
			e.meta, again.meta = nil, nil
		}
		if len(e.records) == 0 && len(again.records) == 0 {
			e.records, again.records = nil, nil
		}
		if !reflect.DeepEqual(e, again) {
			t.Fatalf("%+v encodes to %+v", e, again)
		}
	})
}

func FuzzChunk(f *testing.F) {
	c, err := newCodec()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.encodeChunk(exampleRecords), uint64(1))
	f.Add(c.encodeChunk(chunkOfAllShapes()), uint64(len(chunkOfAllShapes())-1))
	f.Add(c.encodeChunk([]Record{{Src: "a", Seq: ^uint64(0), Time: -1 << 63}, {Src: "b"}, {Src: "a", Time: 1<<63 - 1}}), uint64(9))
	f.Fuzz(func(t *testing.T, raw []byte, last uint64) {
		recs, err := c.decodeChunk(raw, last)
		if err != nil {
			return
		}
		again, err := c.decodeChunk(c.encodeChunk(recs), last)
		if err != nil {
			t.Fatal(err)
		}
		for i := range recs {
			a, b := recs[i], again[i]
			if !bytes.Equal(a.Payload, b.Payload) {
				t.Fatalf("payload of record %d changed", i)
			}
			a.Payload, b.Payload = nil, nil
			if !reflect.DeepEqual(a, b) {
				t.Fatalf("record %d: %+v became %+v", i, a, b)
			}
		}
	})
}

// The columns of times are also read alone.
func FuzzTimes(f *testing.F) {
	c, err := newCodec()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.encodeChunk(exampleRecords), uint64(1))
	f.Add(c.encodeChunk(chunkOfAllShapes()), uint64(len(chunkOfAllShapes())-1))
	f.Fuzz(func(t *testing.T, raw []byte, last uint64) {
		times, err := c.decodeTimes(raw, last)
		recs, whole := c.decodeChunk(raw, last)
		if whole != nil {
			return
		}
		if err != nil || len(times) != len(recs) {
			t.Fatalf("%d of %d times, %v", len(times), len(recs), err)
		}
		for i := range recs {
			if times[i].Revision != recs[i].Revision || times[i].Time != recs[i].Time {
				t.Fatalf("record %d: %d is read as %d", i, recs[i].Time, times[i].Time)
			}
		}
	})
}

// Pages are read before bbolt reads them: whatever they hold, the walk ends with
// an answer.
func FuzzPages(f *testing.F) {
	for _, name := range []string{journalName, mainName} {
		dir := f.TempDir()
		if err := createFile(dir, name, storeID{1}, mainBuckets); err != nil {
			f.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[2*pageSize:], uint64(3), uint64(2), false)
		f.Add(b[2*pageSize:], uint64(2), noFreelist, true)
	}
	f.Fuzz(func(t *testing.T, pages []byte, root, freelist uint64, leaves bool) {
		r := bytes.NewReader(append(make([]byte, 2*pageSize), pages...))
		n := uint64(r.Len()) / pageSize
		w := &walk{pageFile: &pageFile{r: r, meta: pageMeta{root: root, freelist: freelist, pages: n}}, seen: make([]byte, n/8+1)}
		if leaves {
			w.depth = walkLeaves
		}
		if w.buckets() == nil && freelist != noFreelist && w.markFree() == nil {
			for _, id := range w.free {
				if id >= n || w.used(id) {
					t.Fatalf("page %d is free", id)
				}
			}
		}
	})
}

// A compressed chunk or snapshot that is not what was written is an error.
func FuzzCompressed(f *testing.F) {
	c, err := newCodec()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.compress([]byte("abc")))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, packed []byte) {
		b, err := c.decompress(packed, MaxSnapshotBytes)
		if err == nil && len(b) > MaxSnapshotBytes {
			t.Fatalf("%d bytes", len(b))
		}
	})
}

func FuzzHeader(f *testing.F) {
	f.Add([]byte("doc"), seal([]byte("doc"), (&header{number: 1, docHead: docHead{revision: 2, created: -3, modified: 4, metaVersion: 5}}).encode()))
	f.Fuzz(func(t *testing.T, key, value []byte) {
		body, err := unseal(key, value)
		if err != nil {
			body = value // the decoder alone as well
		}
		h, err := decodeHeader(body)
		if err != nil {
			return
		}
		again, err := decodeHeader(h.encode())
		if err != nil || !reflect.DeepEqual(h, again) {
			t.Fatalf("%+v became %+v, %v", h, again, err)
		}
		if l, err := decodeSource(body); err == nil && l.revision > 0 && len(body) == 0 {
			t.Fatal("a source from nothing")
		}
	})
}

// Restore reads what people fetched from somewhere.
func FuzzRestore(f *testing.F) {
	f.Add([]byte(backupMagic + "\x00\x00\x00\x00\x00\x00\x00\x01x\x00\x00\x00\x00\x00\x00\x00\x01yzzzz"))
	f.Add([]byte(backupMagic + "\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		dir := t.TempDir()
		if Restore(dir, bytes.NewReader(stream)) != nil {
			for _, name := range []string{journalName, mainName} {
				if there, err := exists(dir, name); there || err != nil {
					t.Fatalf("a failed restore left %s (%v)", name, err)
				}
			}
		}
	})
}
