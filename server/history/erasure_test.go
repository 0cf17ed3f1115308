package history

import (
	"strings"
	"testing"

	"github.com/quire-editor/quire/ot"
)

// erased is a log after an erasure, replayed from the rewritten steps.
func (m *memory) erased(t *testing.T, at uint64, span Span) *memory {
	t.Helper()
	e, err := NewErasure(m, 0, m.head(), at, span)
	if err != nil {
		t.Fatal(err)
	}
	after := newMemory()
	for _, s := range m.steps {
		s.Delta, _ = e.Step(s.Revision, s.Delta)
		after.add(t, s)
	}
	return after
}

// anywhere says whether a text is in a step, or in a state.
func (m *memory) anywhere(text string) bool {
	for i := range m.steps {
		if strings.Contains(m.steps[i].Delta.String(), text) {
			return true
		}
	}
	for _, state := range m.texts {
		if strings.Contains(state.Delta().String(), text) {
			return true
		}
	}
	return false
}

func TestErasedTextIsNowhereInThePast(t *testing.T) {
	link, _ := ot.ParseAttributes(`{"link":"https://x.example/?key=hunter2!"}`)
	picture, _ := ot.InsertEmbed(`{"image":"/a.png","alt":"the key hunter2!"}`, ot.Attributes{})
	m := told(t, "The key is .\nThat is all.\n")
	typed := "hunter2!"
	for i, key := range typed {
		m.add(t, Step{Author: "ann", Delta: ot.Delta{keep(11 + i), plain(string(key))}})
	}
	m.add(t, Step{Author: "ben", Delta: ot.Delta{keep(14), plain("(?)")}})                         // in its middle
	m.add(t, Step{Author: "ben", Delta: ot.Delta{keep(14), ot.DeleteOp(3)}})                       // and out again
	m.add(t, Step{Author: "ben", Delta: ot.Delta{keep(20), plain("pasted: hunter2!, "), picture}}) // a copy
	m.add(t, Step{Author: "ben", Delta: ot.Delta{ot.RetainOp(3, link), keep(8), ot.DeleteOp(8)}})  // deleted, and linked
	m.add(t, Step{Author: "ann", Restores: true, Delta: ot.Delta{keep(11), plain("hunter2!")}})    // put back
	after := m.erased(t, 9, Span{11, 19})
	if m.head() != after.head() || after.anywhere("hunter2!") || after.anywhere("hunt") {
		t.Fatalf("after it the last state is %v", after.text().Delta())
	}
	for i := range m.texts {
		if before, now := m.texts[i].Len(), after.texts[i].Len(); before != now {
			t.Fatalf("at revision %d there are %d units, not %d", i, now, before)
		}
	}
	if got := after.texts[5].Text(); got != "The key is ████.\nThat is all.\n" {
		t.Fatalf("half typed it is %q", got)
	}
}

func TestErasureOfALetterLeavesOtherLetters(t *testing.T) {
	m := told(t, "banana", "ann", ot.Delta{keep(6), plain(" a")})
	after := m.erased(t, 2, Span{3, 4})
	if got := after.text().Text(); got != "ban█na a" {
		t.Fatalf("got %q", got)
	}
}

// TestErasureEqualsBlackeningEachUnit: of a place in a random history exactly its units become black, in every state; copies are
// too short to be looked for.
func TestErasureEqualsBlackeningEachUnit(t *testing.T) {
	randomised(t, 200, func(t *testing.T, r *random) {
		m := r.log(t, 1+r.IntN(60))
		at := uint64(r.IntN(len(m.texts)))
		length := m.texts[at].Len()
		if length == 0 {
			return
		}
		from := r.IntN(length)
		span := Span{from, min(length, from+1+r.IntN(3))}
		after := m.erased(t, at, span)
		model := cellsAt(m, at)
		for _, id := range model[span.From:span.To] {
			erased[id] = true
		}
		defer clear(erased)
		for revision := range m.texts {
			checkErased(t, m, after, uint64(revision))
		}
	})
}

// unitID names a unit by the record that inserted it.
type unitID struct {
	revision uint64
	offset   int
}

var erased = map[unitID]bool{}

// cellsAt tells of each unit at a revision where it came from.
func cellsAt(m *memory, revision uint64) (ids []unitID) {
	for _, s := range m.steps[:revision] {
		at, put := 0, 0
		for _, op := range s.on(len(ids)) {
			switch {
			case op.IsInsert():
				fresh := make([]unitID, op.Len())
				for i := range fresh {
					fresh[i] = unitID{s.Revision, put}
					put++
				}
				ids = append(ids[:at:at], append(fresh, ids[at:]...)...)
				at += op.Len()
			case op.Kind() == ot.Delete:
				ids = append(ids[:at:at], ids[at+op.Len():]...)
			default:
				at += op.Len()
			}
		}
	}
	return ids
}

func checkErased(t *testing.T, m, after *memory, revision uint64) {
	t.Helper()
	for i, id := range cellsAt(m, revision) {
		before, now := m.texts[revision].Slice(i, i+1), after.texts[revision].Slice(i, i+1)
		want := before
		if erased[id] {
			want = ot.Delta{ot.InsertText(Black, before[0].Attributes())}
		}
		if !now.Equal(want) {
			t.Fatalf("at revision %d unit %d is %v, want %v", revision, i, now, want)
		}
	}
}
