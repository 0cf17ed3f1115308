package ot

import (
	"testing"

	"pgregory.net/rapid"
)

// TestLaws checks what doc.go promises.
func TestLaws(t *testing.T) {
	laws := map[string]func(*rapid.T){
		"both orders of two concurrent deltas meet":           lawConvergence,
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
		t.Run(name, func(t *testing.T) { rapid.Check(t, law) })
	}
}

func lawConvergence(t *rapid.T) {
	g := byRapid(t)
	doc := g.document(4)
	a, b := g.change(doc.Len(), 5), g.change(doc.Len(), 5)
	oneRoad := after(t, doc, a, Transform(a, b, true))
	otherRoad := after(t, doc, b, Transform(b, a, false))
	mustEqual(t, oneRoad, otherRoad, doc, a, b)
}

func lawAssociative(t *rapid.T) {
	g := byRapid(t)
	doc := g.document(4)
	a := g.change(doc.Len(), 5)
	b := g.change(doc.Len()+a.ChangeLen(), 5)
	c := g.change(doc.Len()+a.ChangeLen()+b.ChangeLen(), 5)
	mustEqual(t, Compose(Compose(a, b), c), Compose(a, Compose(b, c)), a, b, c)
	mustEqual(t, ComposeAll([]Delta{a, b, c}), Compose(a, Compose(b, c)), a, b, c)
}

func lawApplyCompose(t *rapid.T) {
	g := byRapid(t)
	doc := g.document(4)
	a := g.change(doc.Len(), 5)
	b := g.change(doc.Len()+a.ChangeLen(), 5)
	mustEqual(t, after(t, doc, a, b), after(t, doc, Compose(a, b)), doc, a, b)
	mustEqual(t, after(t, doc, a, b), Compose(Compose(doc, a), b), doc, a, b)
}

func lawInvert(t *rapid.T) {
	g := byRapid(t)
	doc := g.document(4)
	if hasNull(doc) {
		t.Skip("a null that came in with an insert cannot be put back by a retain, in browsers either")
	}
	a := g.change(doc.Len(), 5)
	inverse := Invert(a, doc)
	mustEqual(t, after(t, doc, a, inverse), doc, doc, a, inverse)
	d, err := DocumentFromDelta(doc)
	if err != nil {
		t.Fatal(err)
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
func lawSelectiveUndo(t *rapid.T) {
	g := byRapid(t)
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

func lawWellFormed(t *rapid.T) {
	g := byRapid(t)
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

func lawPositions(t *rapid.T) {
	g := byRapid(t)
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

func lawCodecs(t *rapid.T) {
	g := byRapid(t)
	d := g.change(20, 10)
	if err := roundTrips(d); err != nil {
		t.Fatal(err)
	}
}

func lawAttributesDiff(t *rapid.T) {
	g := byRapid(t)
	a, b := g.attributes(), g.attributes()
	change, ok := a.Diff(b)
	if got := composeAttributes(a, change, false); ok != got.Equal(b) {
		t.Fatalf("%v to %v: %v gives %v, %v", a, b, change, got, ok)
	}
}

// client is a ShareDB client: one delta on its way, what came after composed
// into another.
type client struct {
	doc                Delta
	revision           int
	inFlight, pending  Delta
	isSending, hasMore bool
}

// receive takes in the record at the client's revision.
func (c *client) receive(t *rapid.T, record Delta, own bool) {
	c.revision++
	if own {
		c.inFlight, c.pending = c.pending, nil
		c.isSending, c.hasMore = c.hasMore, false
		return
	}
	if c.isSending {
		record, c.inFlight = Transform(c.inFlight, record, false), Transform(record, c.inFlight, true)
	}
	if c.hasMore {
		record, c.pending = Transform(c.pending, record, false), Transform(record, c.pending, true)
	}
	c.doc = after(t, c.doc, record)
}

// edit makes a change of the client's own.
func (c *client) edit(t *rapid.T, change Delta) {
	c.doc = after(t, c.doc, change)
	switch {
	case !c.isSending:
		c.inFlight, c.isSending = change, true
	case !c.hasMore:
		c.pending, c.hasMore = change, true
	default:
		c.pending = Compose(c.pending, change)
	}
}

func lawClients(t *rapid.T) {
	g := byRapid(t)
	start := g.document(4)
	clients := make([]client, 2+g.pick(4))
	for i := range clients {
		clients[i].doc = start
	}
	server := start
	var log []Delta
	var authors []int
	commit := func(i int) {
		c := &clients[i]
		record := Rebase(c.inFlight, log[c.revision:])
		log, authors = append(log, record), append(authors, i)
		server = after(t, server, record)
		for c.revision < len(log) {
			c.receive(t, log[c.revision], authors[c.revision] == i)
		}
	}
	for range 20 {
		i := g.pick(len(clients))
		c := &clients[i]
		switch g.pick(3) {
		case 0:
			c.edit(t, g.change(c.doc.Len(), 4))
		case 1:
			if c.isSending {
				commit(i)
			}
		case 2:
			if c.revision < len(log) {
				c.receive(t, log[c.revision], authors[c.revision] == i)
			}
		}
	}
	for i := range clients {
		for clients[i].isSending {
			commit(i)
		}
	}
	for i := range clients {
		c := &clients[i]
		for c.revision < len(log) {
			c.receive(t, log[c.revision], authors[c.revision] == i)
		}
		mustEqual(t, c.doc, server, log...)
	}
}
