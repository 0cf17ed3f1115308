package ot

import (
	"testing"

	"pgregory.net/rapid"
)

// TestLaws checks what doc.go promises.
func TestLaws(t *testing.T) {
	laws := map[string]func(failer, generator){
		"both orders of two concurrent deltas meet":           lawConvergence,
		"keystrokes transform like any delta":                 lawKeystrokes,
		"compose is associative":                              lawAssociative,
		"applying a composition is applying its parts":        lawApplyCompose,
		"invert undoes":                                       lawInvert,
		"an inverse carried over later changes still applies": lawSelectiveUndo,
		"transform keeps well-formedness":                     lawWellFormed,
		"positions stay inside and in order":                  lawPositions,
		"a codec gives back what it was given":                lawCodecs,
		"attributes differ by what Diff says":                 lawAttributesDiff,
		"clients converge through a central order":            lawClients,
	}
	for name, law := range laws {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { law(t, byRapid(t)) })
			g := bySeed(t) // rapid prefers small cases
			for range 150 {
				g.rough = g.pick(2) == 0
				law(t, g)
			}
		})
	}
}

func lawConvergence(t failer, g generator) {
	doc := g.document(4)
	a, b := g.change(doc.Len(), 5), g.change(doc.Len(), 5)
	oneRoad := after(t, doc, a, Transform(a, b, true))
	otherRoad := after(t, doc, b, Transform(b, a, false))
	mustEqual(t, oneRoad, otherRoad, doc, a, b)
}

func lawAssociative(t failer, g generator) {
	doc := g.document(4)
	a := g.change(doc.Len(), 5)
	b := g.change(doc.Len()+a.ChangeLen(), 5)
	c := g.change(doc.Len()+a.ChangeLen()+b.ChangeLen(), 5)
	mustEqual(t, Compose(Compose(a, b), c), Compose(a, Compose(b, c)), a, b, c)
	mustEqual(t, ComposeAll([]Delta{a, b, c}), Compose(a, Compose(b, c)), a, b, c)
}

func lawApplyCompose(t failer, g generator) {
	doc := g.document(4)
	a := g.change(doc.Len(), 5)
	b := g.change(doc.Len()+a.ChangeLen(), 5)
	mustEqual(t, after(t, doc, a, b), after(t, doc, Compose(a, b)), doc, a, b)
	mustEqual(t, after(t, doc, a, b), Compose(Compose(doc, a), b), doc, a, b)
}

func lawInvert(t failer, g generator) {
	doc := g.document(4)
	if hasNull(doc) {
		return // a null that came in with an insert cannot be put back by a retain
	}
	a := g.change(doc.Len(), 5)
	inverse := Invert(a, doc)
	mustEqual(t, after(t, doc, a, inverse), doc, doc, a, inverse)
	d, err := DocumentFromDelta(doc)
	if err != nil {
		t.Fatalf("%v", err)
	}
	mustEqual(t, d.Invert(a), inverse, doc, a)
}

func hasNull(d Delta) bool {
	for i := range d {
		for _, kv := range d[i].attrs.list() {
			if kv.value == nullValue {
				return true
			}
		}
	}
	return false
}

// lawSelectiveUndo undoes a change after others were made.
func lawSelectiveUndo(t failer, g generator) {
	doc := g.document(4)
	a := g.change(doc.Len(), 5)
	now := after(t, doc, a)
	inverse := Invert(a, doc)
	var later []Delta
	for range g.pick(4) {
		change := g.change(now.Len(), 5)
		later = append(later, change)
		now = after(t, now, change)
	}
	after(t, now, Rebase(inverse, later))
}

// cutsPair reports whether d begins or ends something in the middle of a pair of
// doc.
func cutsPair(doc, d Delta) bool {
	var text []byte
	for i := range doc {
		text = appendText(text, textOf(&doc[i]))
	}
	at := 0
	for i := range d {
		if _, inPair := byteOffset(text, at); inPair {
			return true
		}
		if !d[i].inserts() {
			at += d[i].n
		}
	}
	_, inPair := byteOffset(text, at)
	return inPair
}

func lawWellFormed(t failer, g generator) {
	doc := g.document(4)
	a, b := g.change(doc.Len(), 5), g.change(doc.Len(), 5)
	middle := after(t, doc, a)
	moved := Transform(a, b, true)
	if moved.BaseLen() > middle.Len() {
		t.Fatalf("%v does not fit %v", moved, middle)
	}
	if hasLone(doc) || hasLone(a) || cutsPair(doc, a) || cutsPair(doc, b) {
		return
	}
	if cutsPair(middle, moved) {
		t.Fatalf("%v cuts a pair of %v", moved, middle)
	}
}

func hasLone(d Delta) bool {
	for i := range d {
		for s := d[i].Text(); len(s) > 0; s = s[sequenceLen(s):] {
			if s[0] == 0xED && s[1] >= 0xA0 {
				return true
			}
		}
	}
	return false
}

func lawPositions(t failer, g generator) {
	length := g.pick(12)
	d := g.change(length, 5)
	aFirst := g.pick(2) == 0
	index := NewPositionIndex(d)
	before := 0
	for at := 0; at <= length; at++ {
		now := TransformPosition(d, at, aFirst)
		if now < before || now > length+d.ChangeLen() {
			t.Fatalf("%v takes %d to %d, the one before to %d", d, at, now, before)
		}
		if got := index.Transform(at, aFirst); got != now {
			t.Fatalf("%v takes %d to %d, by its index to %d", d, at, now, got)
		}
		before = now
	}
}

func lawCodecs(t failer, g generator) {
	d := g.change(20, 10)
	if err := roundTrips(d); err != nil {
		t.Fatalf("%v", err)
	}
}

func lawAttributesDiff(t failer, g generator) {
	a, b := g.attributes(), g.attributes()
	change, ok := a.Diff(b)
	if got := composeAttributes(a, change, false); ok != got.Equal(b) {
		t.Fatalf("%v to %v: %v gives %v, %v", a, b, change, got, ok)
	}
}

// lawClients has clients edit at once; the session checks that they converge.
func lawClients(t failer, g generator) {
	g.session(t, 20)
}

// lawKeystrokes compares the short way for keystrokes with the general one, which
// a retain cut in two makes the transform take.
func lawKeystrokes(t failer, g generator) {
	stroke := func() Delta {
		op := DeleteOp(1 + g.pick(4))
		if g.pick(2) == 0 {
			op = g.insert(3)
		}
		return Delta{RetainOp(g.pick(6), Attributes{}), op}
	}
	a, b := stroke(), stroke()
	general := append(Delta{RetainOp(0, Attributes{}), RetainOp(0, Attributes{})}, b...)
	for _, aFirst := range []bool{true, false} {
		mustEqual(t, Transform(a, b, aFirst), Transform(a, general, aFirst), a, b)
	}
}
