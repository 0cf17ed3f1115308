package ot

import (
	"errors"
	"slices"
	"testing"
)

// TestBlameKnowsWhoWroteEveryUnit compares with a list of one origin per unit.
func TestBlameKnowsWhoWroteEveryUnit(t *testing.T) {
	t.Parallel()
	g := bySeed(t)
	for range 4 {
		blame := NewBlame(100, Origin{})
		model := make([]Origin, 100)
		for revision := range uint64(400) {
			change := wideChange(g, len(model), revision%100 == 99)
			o := Origin{Author: uint64(g.pick(3)), Revision: revision / 20}
			if err := blame.Apply(change, o); err != nil {
				t.Fatal(err)
			}
			model = blameModel(model, change, o)
			checkBlame(t, blame, model, g)
		}
	}
}

func blameModel(model []Origin, d Delta, o Origin) []Origin {
	at := 0
	for _, op := range d {
		switch op.kind {
		case Retain:
			at += op.n
		case Delete:
			model = slices.Delete(model, at, at+op.n)
		default:
			model = slices.Insert(model, at, slices.Repeat([]Origin{o}, op.n)...)
			at += op.n
		}
	}
	return model
}

func checkBlame(t *testing.T, blame *Blame, model []Origin, g generator) {
	t.Helper()
	from := g.pick(len(model) + 1)
	to := from + g.pick(len(model)-from+1)
	at := from
	var last Origin
	for run := range blame.Runs(from, to) {
		if run.Len < 1 || at > from && run.Origin == last {
			t.Fatalf("run %v after %v", run, last)
		}
		last = run.Origin
		for range run.Len {
			if model[at] != run.Origin {
				t.Fatalf("unit %d: got %v, want %v", at, run.Origin, model[at])
			}
			at++
		}
	}
	if at != to || blame.Len() != len(model) {
		t.Fatalf("runs end at %d of %d; length %d of %d", at, to, blame.Len(), len(model))
	}
}

func TestBlameRefusesWhatDoesNotFit(t *testing.T) {
	blame := NewBlame(2, Origin{})
	if err := blame.Apply(Delta{RetainOp(3, Attributes{})}, Origin{}); !errors.Is(err, ErrPastEnd) || blame.Len() != 2 {
		t.Error(err)
	}
}
