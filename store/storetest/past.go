package storetest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/quire-editor/quire/store"
)

func redaction(t *testing.T, open Opener) {
	s := start(t, open)
	wantError(t, s.Redact(ctx, "d", store.Redaction{}), store.ErrNotFound)
	must(t, s.Append(ctx, "d", 0, []store.Record{record("s", 1, "a"), record("s", 2, "b"), record("s", 3, "c")}, nil))
	must(t, s.PutSnapshot("d", store.Snapshot{Revision: 1, State: []byte("a")}))
	must(t, s.Flush(ctx))
	must(t, s.PutSnapshot("d", store.Snapshot{Revision: 3, State: []byte("abc")}))
	must(t, s.AppendMessages(ctx, "d", 0, []store.Message{message("b?")}))
	must(t, s.Redact(ctx, "d", store.Redaction{
		From: 1, To: 1 << 60,
		Record: func(r store.Record) ([]byte, error) {
			return bytes.ReplaceAll(r.Payload, []byte("b"), []byte("_")), nil
		},
		Message: func(m store.Message) ([]byte, error) { return []byte("…"), nil },
	}))
	wantText(t, s, "d", "a_c")
	wantMessages(t, s, "d", "…")
	if sn, ok, err := s.Snapshot("d", 9); err != nil || !ok || sn.Revision != 1 {
		t.Fatalf("Snapshot = %+v, %v, %v; the one after what was redacted should be gone", sn, ok, err)
	}
	info, err := s.Info("d")
	if err != nil || info.Revision != 3 || info.Redactions != 1 {
		t.Fatalf("Info = %+v, %v", info, err)
	}
	must(t, s.Append(ctx, "d", 3, []store.Record{record("s", 4, "d")}, nil))
	wantText(t, s, "d", "a_cd")
}

func retention(t *testing.T, open Opener) {
	s := start(t, open)
	for i := range 6 {
		must(t, s.Append(ctx, "d", uint64(i), []store.Record{{Src: "s", Seq: uint64(i), Time: int64(i * 10), Payload: []byte{byte('a' + i)}}}, nil))
		must(t, s.PutSnapshot("d", store.Snapshot{Revision: uint64(i + 1), State: []byte("abcdef")[:i+1]}))
		must(t, s.Flush(ctx))
	}
	state := func(n uint64) store.Snapshot { return store.Snapshot{Revision: n, State: []byte("abcdef")[:n]} }
	wantError(t, s.Retain(ctx, "x", 1, []store.Snapshot{state(1)}), store.ErrNotFound)
	wantError(t, s.Retain(ctx, "d", 4, nil), store.ErrInvalid)
	wantError(t, s.Retain(ctx, "d", 4, []store.Snapshot{state(2)}), store.ErrInvalid)
	wantError(t, s.Retain(ctx, "d", 6, []store.Snapshot{state(6)}), store.ErrInvalid)
	must(t, s.Retain(ctx, "d", 4, []store.Snapshot{state(2), state(4)}))
	wantError(t, s.Records("d", 3, 6, nil), store.ErrDropped)
	if got := payloads(collect(t, s, "d", 4, 6)); got != "ef" {
		t.Fatalf("records from 4 on are %q", got)
	}
	for at, want := range map[uint64]uint64{2: 2, 3: 2, 4: 4, 5: 4} {
		if sn, ok, err := s.Snapshot("d", at); err != nil || !ok || sn.Revision != want || string(sn.State) != "abcdef"[:want] {
			t.Fatalf("Snapshot(%d) = %+v, %v, %v; want revision %d", at, sn, ok, err, want)
		}
	}
	if _, ok, err := s.Snapshot("d", 1); ok || err != nil {
		t.Fatalf("a state that is not kept is found (%v)", err)
	}
	_, err := s.RevisionAt("d", 29)
	wantError(t, err, store.ErrDropped)
	if n, err := s.RevisionAt("d", 30); n != 4 || err != nil {
		t.Fatalf("RevisionAt(30) = %d, %v", n, err)
	}
	info, err := s.Info("d")
	if err != nil || info.First != 4 || info.Revision != 6 {
		t.Fatalf("Info = %+v, %v", info, err)
	}
	wantError(t, s.Retain(ctx, "d", 3, []store.Snapshot{state(3)}), store.ErrInvalid)
	must(t, s.Append(ctx, "d", 6, []store.Record{record("s", 9, "g")}, nil))
	must(t, s.Flush(ctx))
	if got := payloads(collect(t, s, "d", 4, 9)); got != "efg" {
		t.Fatalf("records from 4 on are %q", got)
	}
}

// turned is what the model's redactions make of bytes.
func turned(b []byte) []byte {
	out := bytes.Clone(b)
	slices.Reverse(out)
	return append(out, '!')
}

// snapshotNow gives a document, if there is one, a snapshot of its newest state.
func (m *machine) snapshotNow(t *rapid.T, id string) {
	d := m.docs[id]
	if d == nil {
		return
	}
	m.seq++
	s := store.Snapshot{Revision: uint64(len(d.recs)), State: fmt.Append(nil, "state", m.seq)}
	m.judge(t, m.s.PutSnapshot(id, s), nil)
	d.snapshots[s.Revision] = append(d.snapshots[s.Revision], s.State)
}

func (m *machine) redact(t *rapid.T) {
	if rapid.IntRange(0, 2).Draw(t, "rarely") > 0 {
		return // it takes many times as long as the rest
	}
	id := m.document(t)
	from := uint64(rapid.IntRange(0, 10).Draw(t, "from"))
	to := from + uint64(rapid.IntRange(0, 20).Draw(t, "length"))
	if rapid.Bool().Draw(t, "of a snapshot too") {
		m.snapshotNow(t, id)
	}
	withMessages := rapid.Bool().Draw(t, "messages")
	r := store.Redaction{
		From: from, To: to,
		Record:   func(r store.Record) ([]byte, error) { return turned(r.Payload), nil },
		Snapshot: func(s store.Snapshot) ([]byte, error) { return turned(s.State), nil },
	}
	if withMessages {
		r.Message = func(m store.Message) ([]byte, error) { return turned(m.Payload), nil }
	}
	err := m.s.Redact(ctx, id, r)
	d := m.docs[id]
	if d == nil {
		m.judge(t, err, store.ErrNotFound)
		return
	}
	m.judge(t, err, nil)
	d.redactions++
	for i := max(from, d.first); i < min(to, uint64(len(d.recs))); i++ {
		d.recs[i].Payload = turned(d.recs[i].Payload)
	}
	for revision, states := range d.snapshots {
		for i := range states {
			if revision > from && from < to {
				states[i] = turned(states[i])
			}
		}
	}
	for i := range d.messages {
		if withMessages {
			d.messages[i].Payload = turned(d.messages[i].Payload)
		}
	}
	m.compareSnapshot(t, id, 1<<60)
	m.compareRecords(t, id, d.first, 1<<60)
}

func (m *machine) retain(t *rapid.T) {
	id := m.document(t)
	first := uint64(rapid.IntRange(0, 12).Draw(t, "first"))
	var states []store.Snapshot
	for revision := range first + 1 {
		if revision == first || rapid.IntRange(0, 2).Draw(t, "keep") == 0 {
			m.seq++
			states = append(states, store.Snapshot{Revision: revision, State: turned([]byte{byte(m.seq), byte(revision)})})
		}
	}
	err := m.s.Retain(ctx, id, first, states)
	d := m.docs[id]
	switch {
	case d == nil:
		m.judge(t, err, store.ErrNotFound)
		return
	case first >= uint64(len(d.recs)) || first < d.first:
		m.judge(t, err, store.ErrInvalid)
		return
	}
	m.judge(t, err, nil)
	d.first = first
	maps.DeleteFunc(d.snapshots, func(revision uint64, _ [][]byte) bool { return revision <= first })
	for _, s := range states {
		d.snapshots[s.Revision] = [][]byte{s.State}
	}
	m.compareKept(t, id, d)
	m.compareRecords(t, id, 0, 1<<60)
}

// compareKept checks that just the states that replace dropped records are there.
func (m *machine) compareKept(t *rapid.T, id string, d *twin) {
	if d.first == 0 {
		return
	}
	for at := range d.first {
		got, ok, err := m.s.Snapshot(id, at)
		m.judge(t, err, nil)
		want := at
		for ; want > 0 && d.snapshots[want] == nil; want-- {
		}
		switch kept := d.snapshots[want]; {
		case ok != (kept != nil):
			t.Fatalf("Snapshot(%q, %d) is found: %v", id, at, ok)
		case ok && (got.Revision != want || !bytes.Equal(got.State, kept[len(kept)-1])):
			t.Fatalf("Snapshot(%q, %d) is that of %d, want the kept one of %d", id, at, got.Revision, want)
		}
	}
}
