package history

import (
	"testing"

	"github.com/quire-editor/quire/ot"
)

func plain(text string) ot.Op { return ot.InsertText(text, ot.Attributes{}) }

func keep(n int) ot.Op { return ot.RetainOp(n, ot.Attributes{}) }

// told is a log of plain changes: author, delta.
func told(t *testing.T, text string, steps ...any) *memory {
	t.Helper()
	m := newMemory()
	m.add(t, Step{Author: "owner", Delta: ot.Delta{plain(text)}})
	for i := 0; i < len(steps); i += 2 {
		m.add(t, Step{Author: steps[i].(string), Delta: steps[i+1].(ot.Delta), Time: int64(i)})
	}
	return m
}

// undo takes back what an author did between two revisions, as an edit of its own, and returns the text.
func (m *memory) undo(t testing.TB, author string, from, to uint64) string {
	t.Helper()
	c, err := NewContribution(m, func(a string) bool { return a == author }, from, to)
	if err == nil {
		err = c.Advance(m.head())
	}
	if err != nil {
		t.Fatal(err)
	}
	m.add(t, Step{Author: "owner", Delta: c.Undo(), Restores: true})
	return m.text().Text()
}

func TestUndoOfAnAuthorLeavesWhatOthersDid(t *testing.T) {
	for name, test := range map[string]struct {
		text  string
		steps []any
		want  string
	}{
		"additions go":                      {"one two", []any{"eve", ot.Delta{keep(3), plain(" and")}}, "one two"},
		"deletions come back":               {"one two", []any{"eve", ot.Delta{ot.DeleteOp(4)}}, "one two"},
		"what others typed inside it stays": {"one", []any{"eve", ot.Delta{keep(3), plain("XXXX")}, "ann", ot.Delta{keep(5), plain("ann")}}, "oneann"},
		"what others deleted stays deleted": {"one two", []any{"eve", ot.Delta{keep(3), plain("X")}, "ann", ot.Delta{ot.DeleteOp(5)}}, "two"},
		"her own text that others deleted":  {"one", []any{"eve", ot.Delta{plain("XX")}, "ann", ot.Delta{ot.DeleteOp(2)}}, "one"},
		"her own text that she deleted":     {"one", []any{"eve", ot.Delta{plain("XX")}, "eve", ot.Delta{keep(1), ot.DeleteOp(1)}}, "one"},
		"a word typed over":                 {"one two", []any{"eve", ot.Delta{plain("EVE"), ot.DeleteOp(3)}, "ann", ot.Delta{keep(7), plain("!")}}, "one two!"},
		"backspace, key by key":             {"abc", []any{"eve", ot.Delta{keep(2), ot.DeleteOp(1)}, "eve", ot.Delta{keep(1), ot.DeleteOp(1)}, "eve", ot.Delta{ot.DeleteOp(1)}}, "abc"},
		"everything deleted and a slogan":   {"one\ntwo\n", []any{"eve", ot.Delta{plain("EVE\n"), ot.DeleteOp(8)}, "ann", ot.Delta{keep(4), plain("help")}}, "one\ntwo\nhelp"},
		"half of a pair":                    {"a😀b", []any{"eve", ot.Delta{keep(2), ot.DeleteOp(1)}}, "a😀b"},
	} {
		t.Run(name, func(t *testing.T) {
			m := told(t, test.text, test.steps...)
			to := m.head()
			if got := m.undo(t, "eve", 1, to); got != test.want {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			if got := m.undo(t, "eve", 1, to); got != test.want {
				t.Fatalf("undone a second time it is %q, want %q", got, test.want)
			}
		})
	}
}

func TestUndoOfAnAuthorTakesFormattingBack(t *testing.T) {
	bold, _ := ot.ParseAttributes(`{"bold":true}`)
	red, _ := ot.ParseAttributes(`{"color":"red"}`)
	blue, _ := ot.ParseAttributes(`{"color":"blue"}`)
	m := told(t, "one two",
		"ann", ot.Delta{ot.RetainOp(3, red)},
		"eve", ot.Delta{keep(1), ot.RetainOp(5, bold)},
		"eve", ot.Delta{ot.RetainOp(7, blue)},
		"ann", ot.Delta{keep(4), ot.RetainOp(3, red)},
		"eve", ot.Delta{keep(1), ot.DeleteOp(1)},
	)
	m.undo(t, "eve", 1, m.head())
	want := ot.Delta{ot.InsertText("one", red), plain(" "), ot.InsertText("two", red)}
	if got := m.text().Delta(); !got.Equal(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestUndoOfRangesThatOverlapPutsNothingBackTwice(t *testing.T) {
	m := told(t, "abcdefgh",
		"eve", ot.Delta{keep(2), ot.DeleteOp(2)},
		"eve", ot.Delta{keep(2), ot.DeleteOp(2)},
		"ann", ot.Delta{plain("> ")},
	)
	if got := m.undo(t, "eve", 2, 3); got != "> abefgh" {
		t.Fatalf("got %q", got)
	}
	if got := m.undo(t, "eve", 1, 3); got != "> abcdefgh" {
		t.Fatalf("got %q", got)
	}
}

// model is a naive model of a contribution: each unit that ever was, one by one.
func (m *memory) model(author string, from, to uint64) cells {
	var c cells
	for _, op := range m.texts[from].Delta() {
		for _, unit := range units(op) {
			c = append(c, cell{op: unit})
		}
	}
	for i := from; i < m.head(); i++ {
		s := m.steps[i]
		counts := i < to && s.Author == author
		c = c.apply(s.on(c.visible().Len()), i, counts)
	}
	return c
}

// apply makes a step. What does not count is forgotten when it is deleted, and stands in front of what is gone.
func (c cells) apply(d ot.Delta, revision uint64, counts bool) cells {
	at := 0
	for i := 0; i < len(d); {
		if d[i].Kind() == ot.Retain {
			at += d[i].Len()
			i++
			continue
		}
		end := i
		for ; end < len(d) && d[end].Kind() != ot.Retain; end++ {
			if d[end].Kind() == ot.Delete {
				c = c.remove(at, d[end].Len(), counts)
			}
		}
		for ; i < end; i++ {
			if !d[i].IsInsert() {
				continue
			}
			for _, unit := range units(d[i]) {
				c = c.insert(at, cell{op: unit, inserted: revision, by: markOf(counts)})
				at++
			}
		}
	}
	return c
}

func markOf(counts bool) string {
	if counts {
		return "added"
	}
	return ""
}

func (c cells) remove(at, n int, counts bool) cells {
	for range n {
		i := c.place(at)
		for c[i].deleted {
			i++
		}
		if counts && c[i].by != "added" {
			c[i].deleted = true
			continue
		}
		c = append(c[:i:i], c[i+1:]...)
	}
	return c
}

func (c cells) insert(at int, unit cell) cells {
	i := c.place(at)
	if unit.by == "added" {
		for i < len(c) && c[i].deleted {
			i++
		}
	}
	return append(c[:i:i], append(cells{unit}, c[i:]...)...)
}

// undone is the text without the contribution.
func (c cells) undone() (d ot.Delta) {
	for i := range c {
		if c[i].by != "added" {
			d = append(d, c[i].op)
		}
	}
	return ot.Normalize(d)
}

// unformatted is a step without attributes, which the model leaves out.
func unformatted(s Step) Step {
	var d ot.Delta
	for _, op := range s.Delta {
		if op.Kind() == ot.Retain {
			op = keep(op.Len())
		}
		d = append(d, op)
	}
	s.Delta = ot.Normalize(d)
	return s
}

func TestUndoOfAnAuthorEqualsAModelOfEachCharacter(t *testing.T) {
	randomised(t, 500, func(t *testing.T, r *random) {
		m := newMemory()
		for range 1 + r.IntN(60) {
			m.add(t, unformatted(r.step(m)))
		}
		author := authors[r.IntN(3)]
		from := uint64(r.IntN(len(m.steps)))
		to := from + uint64(r.IntN(len(m.steps)+1-int(from)))
		want := m.model(author, from, to).undone()
		m.undo(t, author, from, to)
		if got := m.text().Delta(); !got.Equal(want) {
			t.Fatalf("without what %s did from %d to %d it is\n%v, want\n%v", author, from, to, got, want)
		}
	})
}

func TestUndoOfAnAuthorDoneTwiceChangesNothing(t *testing.T) {
	randomised(t, 500, func(t *testing.T, r *random) {
		m := r.log(t, 1+r.IntN(60))
		author := authors[r.IntN(3)]
		from := uint64(r.IntN(len(m.steps)))
		to := from + uint64(r.IntN(len(m.steps)+1-int(from)))
		m.undo(t, author, from, to)
		for range r.IntN(3) { // others go on
			m.add(t, r.step(m))
		}
		before := m.text().Delta()
		m.undo(t, author, from, to)
		if after := m.text().Delta(); !after.Equal(before) {
			t.Fatalf("undoing %s from %d to %d again made\n%v of\n%v", author, from, to, after, before)
		}
	})
}

// TestUndoOfOneWhoWasAloneLeadsBack: where nobody else did anything, what is left is the text from before.
func TestUndoOfOneWhoWasAloneLeadsBack(t *testing.T) {
	randomised(t, 300, func(t *testing.T, r *random) {
		m := r.log(t, 1+r.IntN(30))
		from := m.head()
		for range 1 + r.IntN(30) {
			s := r.step(m)
			s.Author = "eve"
			m.add(t, s)
		}
		m.undo(t, "eve", from, m.head())
		if !equalTexts(m.text(), m.texts[from]) {
			t.Fatalf("got\n%v, want\n%v", m.text().Delta(), m.texts[from].Delta())
		}
	})
}
