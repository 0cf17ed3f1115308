package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/quire-editor/quire/store"
)

func message(text string) store.Message {
	return store.Message{Author: "ann", Time: 7, Payload: []byte(text)}
}

func wantMessages(t testing.TB, s Store, document, want string) {
	t.Helper()
	got := ""
	must(t, s.Messages(document, 0, 1<<60, func(m store.Message) error {
		got += string(m.Payload)
		return nil
	}))
	if got != want {
		t.Fatalf("messages of %q are %q, want %q", document, got, want)
	}
}

func messages(t *testing.T, open Opener) {
	s := start(t, open)
	wantError(t, s.AppendMessages(ctx, "d", 0, []store.Message{message("a")}), store.ErrNotFound)
	wantError(t, s.Messages("d", 0, 1, nil), store.ErrNotFound)
	must(t, s.Append(ctx, "d", 0, []store.Record{record("s", 1, "x")}, nil))
	must(t, s.AppendMessages(ctx, "d", 0, []store.Message{message("a"), message("b")}))
	must(t, s.Flush(ctx))
	for _, expect := range []uint64{0, 1, 3, 1 << 60} {
		wantError(t, s.AppendMessages(ctx, "d", expect, []store.Message{message("x")}), store.ErrConflict)
	}
	must(t, s.AppendMessages(ctx, "d", 2, []store.Message{message("c")}))
	wantMessages(t, s, "d", "abc")
	newest, err := s.MessagesBefore("d", 1<<60, 2)
	if err != nil || len(newest) != 2 || newest[0].Index != 2 || newest[1].Index != 1 || string(newest[0].Payload) != "c" {
		t.Fatalf("MessagesBefore = %+v, %v", newest, err)
	}
	stop := errors.New("enough")
	wantError(t, s.Messages("d", 0, 9, func(store.Message) error { return stop }), stop)
	wantError(t, s.AppendMessages(ctx, "d", 3, nil), store.ErrInvalid)
	wantError(t, s.AppendMessages(ctx, "d", 3, []store.Message{{Index: 4}}), store.ErrInvalid)
	wantError(t, s.AppendMessages(ctx, "d", 3, []store.Message{{Payload: make([]byte, store.MaxMessageBytes+1)}}), store.ErrTooLarge)
	big := message(string(bytes.Repeat([]byte("m"), store.MaxMessageBytes)))
	must(t, s.AppendMessages(ctx, "d", 3, []store.Message{big}))
	must(t, s.Flush(ctx))
	wantMessages(t, s, "d", "abc"+string(big.Payload))
	if info, err := s.Info("d"); err != nil || info.Messages != 4 || info.Revision != 1 {
		t.Fatalf("Info = %+v, %v", info, err)
	}
	must(t, s.Delete(ctx, "d"))
	must(t, s.Append(ctx, "d", 0, []store.Record{record("s", 1, "x")}, nil))
	wantMessages(t, s, "d", "")
}

func (m *machine) sendMessages(t *rapid.T) {
	id := m.document(t)
	d := m.docs[id]
	have := uint64(0)
	if d != nil {
		have = uint64(len(d.messages))
	}
	off := rapid.SampledFrom([]int{0, 0, 0, 0, -1, 1}).Draw(t, "off")
	expect := uint64(max(0, int(have)+off))
	sent := make([]store.Message, rapid.IntRange(1, 4).Draw(t, "n"))
	for i := range sent {
		m.seq++
		size := rapid.SampledFrom([]int{0, 3, 30, 2000}).Draw(t, "size")
		sent[i] = store.Message{
			Index: expect + uint64(i), Author: rapid.SampledFrom(sources).Draw(t, "author"),
			Time: int64(m.seq), Payload: bytes.Repeat(fmt.Append(nil, m.seq, " "), size/2+1)[:size],
		}
	}
	err := m.s.AppendMessages(ctx, id, expect, sent)
	switch {
	case d == nil:
		m.judge(t, err, store.ErrNotFound)
	case expect != have:
		m.judge(t, err, store.ErrConflict)
	default:
		m.judge(t, err, nil)
		d.messages = append(d.messages, sent...)
	}
}

func (m *machine) readMessages(t *rapid.T) {
	id := m.document(t)
	from := uint64(rapid.IntRange(0, 12).Draw(t, "from"))
	limit := rapid.IntRange(0, 12).Draw(t, "limit")
	m.compareMessages(t, id, from, from+uint64(limit))
	have := uint64(0)
	if d := m.docs[id]; d != nil {
		have = uint64(len(d.messages))
	}
	for _, before := range []uint64{from, have, have + 1, 1 << 60} {
		m.compareBefore(t, id, before, limit)
	}
}

// compareBefore compares what is read going back.
func (m *machine) compareBefore(t *rapid.T, id string, before uint64, limit int) {
	got, err := m.s.MessagesBefore(id, before, limit)
	d := m.docs[id]
	if d == nil {
		m.judge(t, err, store.ErrNotFound)
		return
	}
	m.judge(t, err, nil)
	end := min(before, uint64(len(d.messages)))
	want := slices.Clone(d.messages[end-min(end, uint64(limit)) : end])
	slices.Reverse(want)
	if !slices.EqualFunc(got, want, sameMessage) {
		t.Fatalf("MessagesBefore(%q, %d, %d) = %.300v, want %.300v", id, before, limit, got, want)
	}
}

func (m *machine) compareMessages(t *rapid.T, id string, from, to uint64) {
	var got []store.Message
	err := m.s.Messages(id, from, to, func(msg store.Message) error { got = append(got, msg); return nil })
	d := m.docs[id]
	if d == nil {
		m.judge(t, err, store.ErrNotFound)
		return
	}
	m.judge(t, err, nil)
	end := min(to, uint64(len(d.messages)))
	if want := d.messages[min(from, end):end]; !slices.EqualFunc(got, want, sameMessage) {
		t.Fatalf("messages of %q from %d to %d are %.300v, want %.300v", id, from, to, got, want)
	}
}

func sameMessage(a, b store.Message) bool {
	return a.Index == b.Index && a.Author == b.Author && a.Time == b.Time && bytes.Equal(a.Payload, b.Payload)
}
