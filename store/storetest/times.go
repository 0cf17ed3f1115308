package storetest

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/quire-editor/quire/store"
)

func byTime(t *testing.T, open Opener) {
	s := start(t, open)
	_, err := s.RevisionAt("d", 0)
	wantError(t, err, store.ErrNotFound)
	wantError(t, s.RecordsBetween("d", 0, 1, nil), store.ErrNotFound)
	for i, at := range []int64{10, 30, 20, 40, 40, 50} {
		must(t, s.Append(ctx, "d", uint64(i), []store.Record{{Time: at, Payload: []byte{byte('a' + i)}}}, nil))
		if i == 3 {
			must(t, s.Flush(ctx))
		}
	}
	for at, want := range map[int64]uint64{-1: 0, 9: 0, 10: 1, 20: 1, 29: 1, 30: 3, 39: 3, 40: 5, 49: 5, 50: 6, 1 << 40: 6} {
		if got, err := s.RevisionAt("d", at); err != nil || got != want {
			t.Errorf("RevisionAt(%d) = %d, %v; want %d", at, got, err, want)
		}
	}
	for _, c := range []struct {
		after, until int64
		want         string
	}{{0, 100, "abcdef"}, {10, 30, "bc"}, {30, 40, "de"}, {40, 40, ""}, {50, 10, ""}} {
		var got []store.Record
		must(t, s.RecordsBetween("d", c.after, c.until, func(r store.Record) error { got = append(got, r); return nil }))
		if payloads(got) != c.want {
			t.Errorf("between %d and %d are %q, want %q", c.after, c.until, payloads(got), c.want)
		}
	}
}

// revisionAt is what RevisionAt means, said in another way: as many records as
// fit before the greatest time so far passes at.
func (d *twin) revisionAt(at int64) uint64 {
	n := uint64(0)
	greatest := int64(-1 << 63)
	for i := range d.recs {
		if greatest = max(greatest, d.recs[i].Time); greatest <= at {
			n = uint64(i) + 1
		}
	}
	return n
}

// isDropped tells whether the revision at a time cannot be told any more.
func (d *twin) isDropped(at int64) bool {
	return d.revisionAt(at) < d.first
}

var someTimes = []int64{-1 << 63, -6, -5, 0, 1, 1_700_000_000_000, 1<<63 - 2, 1<<63 - 1}

func (m *machine) byTime(t *rapid.T) {
	id := m.document(t)
	after := rapid.SampledFrom(someTimes).Draw(t, "after")
	until := rapid.SampledFrom(someTimes).Draw(t, "until")
	d := m.docs[id]
	from, err := m.s.RevisionAt(id, after)
	if d == nil {
		m.judge(t, err, store.ErrNotFound)
		return
	}
	if d.isDropped(after) {
		m.judge(t, err, store.ErrDropped)
		return
	}
	m.judge(t, err, nil)
	if want := d.revisionAt(after); from != want {
		t.Fatalf("RevisionAt(%q, %d) = %d, want %d", id, after, from, want)
	}
	end := max(from, d.revisionAt(until))
	next := from
	want := error(nil)
	if d.isDropped(until) {
		want = store.ErrDropped
	}
	err = m.s.RecordsBetween(id, after, until, func(r store.Record) error {
		if next >= end || r.Revision != next || !bytes.Equal(r.Payload, d.recs[next].Payload) {
			return fmt.Errorf("record %d where %d of %d is due", r.Revision, next, end)
		}
		next++
		return nil
	})
	if m.judge(t, err, want); err == nil && next != end {
		t.Fatalf("records of %q between %d and %d end at %d, want %d", id, after, until, next, end)
	}
}
