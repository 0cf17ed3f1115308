package store

import (
	"reflect"
	"testing"
)

// isPacked checks that a tail gives back the records of an append as they are,
// and answers whether they can be read at all.
func isPacked(t *testing.T, e *entry) bool {
	var want, have []Record
	err := e.eachRecord(func(i uint64, r rawRecord) {
		want = append(want, Record{e.expect + i, string(r.src), r.seq, string(r.author), r.time, r.payload})
	})
	if err != nil {
		return false
	}
	d := &document{id: e.document}
	d.extend(e, timespan{}, 1)
	if err := d.tail[0].eachRecord(interner{}, func(r Record) error { have = append(have, r); return nil }); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(have, want) {
		t.Fatalf("the tail holds\n%+v\nof\n%+v", have, want)
	}
	return true
}

func TestTheTailKeepsEachRecordsNames(t *testing.T) {
	names := []string{"", "a", "b", "ab"}
	var recs []Record
	for i := range 200 {
		recs = append(recs, Record{
			Src: names[i/3%len(names)], Seq: uint64(i), Author: names[i/5%len(names)], Time: int64(-i), Payload: []byte(names[i%len(names)]),
		})
	}
	for n := range recs {
		r, err := newAppend("doc", 7, recs[:n+1], []byte("meta"))
		if err != nil {
			t.Fatal(err)
		}
		if !isPacked(t, &r.entry) {
			t.Fatalf("%d records cannot be read", n+1)
		}
	}
}

func TestAKeystrokeAfterAnotherOfTheSamePersonTakesFewBytesOfMemory(t *testing.T) {
	const keystrokes = maxJoinedRecords
	d := &document{id: "doc"}
	for n := range uint64(keystrokes) {
		rec := keystroke("9f86d081884c7d650000000000000000", "0123456789012345678901", n)
		r, err := newAppend(d.id, n, []Record{rec}, nil)
		if err != nil {
			t.Fatal(err)
		}
		d.extend(&r.entry, r.times, 1)
	}
	room := 0
	for _, e := range d.tail {
		room += cap(e.records)
	}
	if each := room / keystrokes; each > 40 {
		t.Errorf("a keystroke takes %d bytes", each)
	}
}
