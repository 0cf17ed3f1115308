package ot

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// gapBuffer is the least that can hold any text under edit with positions in
// UTF-16 code units: those units, with a gap where the last edit was. It knows
// neither attributes nor embeds, checks nothing and cannot be shared. It is what
// Document is measured against, fed with the same deltas.
type gapBuffer struct {
	buf        []uint16
	start, end int // of the gap
}

func newGapBuffer(text string, room int) *gapBuffer {
	g := &gapBuffer{buf: make([]uint16, room), end: room}
	g.insert(text)
	return g
}

// move brings the gap to the unit at at.
func (g *gapBuffer) move(at int) {
	if at < g.start {
		copy(g.buf[g.end-(g.start-at):g.end], g.buf[at:g.start])
		g.end -= g.start - at
		g.start = at
	} else if at > g.start {
		n := at - g.start
		copy(g.buf[g.start:], g.buf[g.end:g.end+n])
		g.start += n
		g.end += n
	}
}

// insert puts text, which is UTF-8, in front of the gap.
func (g *gapBuffer) insert(text string) {
	if g.end-g.start < len(text) {
		grown := make([]uint16, 2*len(g.buf)+len(text))
		copy(grown, g.buf[:g.start])
		tail := len(g.buf) - g.end
		copy(grown[len(grown)-tail:], g.buf[g.end:])
		g.buf, g.end = grown, len(grown)-tail
	}
	for _, r := range text {
		if r >= 0x10000 {
			g.buf[g.start] = uint16(0xD800 + (r-0x10000)>>10)
			g.start++
			r = 0xDC00 + r&0x3FF
		}
		g.buf[g.start] = uint16(r)
		g.start++
	}
}

func (g *gapBuffer) apply(d Delta) {
	at := 0
	for i := range d {
		switch op := &d[i]; op.kind {
		case Retain:
			at += op.n
		case Delete:
			g.move(at)
			g.end += op.n
		case Insert:
			g.move(at)
			g.insert(op.text)
			at += op.n
		}
	}
}

func deltas(patches []patch) []Delta {
	out := make([]Delta, len(patches))
	for i, p := range patches {
		out[i] = p.delta()
	}
	return out
}

// BenchmarkApplyTrace applies a person's whole writing, keystroke by keystroke.
func BenchmarkApplyTrace(b *testing.B) {
	changes := deltas(sequential(b, "automerge-paper"))
	b.Run("document", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			doc := NewDocument()
			for i := range changes {
				if err := doc.Apply(changes[i]); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(changes)), "ns/edit")
	})
	b.Run("gapbuffer", func(b *testing.B) {
		for b.Loop() {
			g := newGapBuffer("", 1024)
			for i := range changes {
				g.apply(changes[i])
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(changes)), "ns/edit")
	})
}

// editsAnywhere are a text of a million units and edits at random places of it.
func editsAnywhere() (text string, changes []Delta) {
	const size = 1_000_000
	text = strings.Repeat("All work and no play. ", size/22+1)[:size]
	r := rand.New(rand.NewPCG(1, 2))
	patches := make([]patch, 10_000)
	length := size
	for i := range patches {
		p := patch{at: r.IntN(length - 2)}
		if i%2 == 0 {
			p.text = "xy"
			length += 2
		} else {
			p.removed = 2
			length -= 2
		}
		patches[i] = p
	}
	return text, deltas(patches)
}

// BenchmarkApplyAnywhere makes edits at random places of a text of a million
// units.
func BenchmarkApplyAnywhere(b *testing.B) {
	text, changes := editsAnywhere()
	b.Run("document", func(b *testing.B) {
		b.ReportAllocs()
		whole, err := DocumentFromDelta(Delta{InsertText(text, Attributes{})})
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			for i := range changes {
				if err := whole.Apply(changes[i]); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(changes)), "ns/edit")
	})
	b.Run("gapbuffer", func(b *testing.B) {
		g := newGapBuffer(text, 1<<16)
		for b.Loop() {
			for i := range changes {
				g.apply(changes[i])
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(changes)), "ns/edit")
	})
}

// writing is n keystrokes of somebody who writes in bursts of about eight at
// random places of a document.
func writing(r *rand.Rand, length, n int) []Delta {
	out := make([]Delta, n)
	caret := r.IntN(length + 1)
	for i := range out {
		if r.IntN(8) == 0 {
			caret = r.IntN(length + 1)
		}
		at := Op{kind: Retain, n: caret}
		if caret > 0 && r.IntN(6) == 0 {
			caret--
			length--
			out[i] = Normalize(Delta{RetainOp(caret, Attributes{}), DeleteOp(1)})
			continue
		}
		out[i] = Normalize(Delta{at, InsertText(string(rune('a'+r.IntN(26))), Attributes{})})
		caret++
		length++
	}
	return out
}

// BenchmarkRebaseOffline carries 26,078 keystrokes, composed into one delta, over
// as many of somebody else.
func BenchmarkRebaseOffline(b *testing.B) {
	mine, theirs := offline()
	if got, want := Rebase(mine, theirs[:500]), oneByOne(mine, theirs[:500]); !got.Equal(want) {
		b.Fatal("not equal")
	}
	b.Logf("%d ops over %d deltas", len(mine), len(theirs))
	b.Run("carry", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Rebase(mine, theirs)
		}
	})
	b.Run("onebyone", func(b *testing.B) {
		for b.Loop() {
			oneByOne(mine, theirs)
		}
	})
}

type deltaPair struct{ a, b Delta }

// transformPairs are pairs of concurrent deltas: keystrokes, small deltas with all
// that can be in them, and one of ten thousand ops each.
func transformPairs() (keystrokes, small, large []deltaPair) {
	r := rand.New(rand.NewPCG(5, 6))
	g := generator{pick: r.IntN}
	for range 64 {
		keystrokes = append(keystrokes, deltaPair{writing(r, 1000, 1)[0], writing(r, 1000, 1)[0]})
		small = append(small, deltaPair{g.change(20, 6), g.change(20, 6)})
	}
	return keystrokes, small, []deltaPair{{many(r, 10_000), many(r, 10_000)}}
}

// BenchmarkTransform transforms without allocating.
func BenchmarkTransform(b *testing.B) {
	keystrokes, small, large := transformPairs()
	for _, c := range []struct {
		name  string
		pairs []deltaPair
	}{{"keystroke", keystrokes}, {"small", small}, {"large", large}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var out Delta
			i := 0
			for b.Loop() {
				p := &c.pairs[i%len(c.pairs)]
				out = AppendTransform(out[:0], p.a, p.b, true)
				i++
			}
			if len(c.pairs) == 1 {
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*20_000), "ns/component")
			}
		})
	}
}

// many is a delta of n ops all over a document.
func many(r *rand.Rand, n int) Delta {
	d := make(Delta, 0, n)
	for len(d) < n {
		d = append(d, RetainOp(1+r.IntN(5), Attributes{}))
		if r.IntN(2) == 0 {
			d = append(d, InsertText("word", Attributes{}))
		} else {
			d = append(d, DeleteOp(1+r.IntN(3)))
		}
	}
	return d[:n]
}

// BenchmarkAccept is what a server does with each submission but for input and
// output: decode, rebase, check, apply, encode for the log.
func BenchmarkAccept(b *testing.B) {
	submissions := concurrent(b, "friendsforever.queued")
	b.ReportAllocs()
	for b.Loop() {
		if err := accept(submissions); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(submissions)), "ns/op-in")
}

// accept keeps the last records in memory, as a server does; nobody in the
// recordings is further behind.
func accept(submissions []submission) error {
	doc := NewDocument()
	dec := Decoder{Limits: DefaultLimits}
	var rebaser Rebaser
	last := newLastRecords()
	var sent Delta
	var encoded []byte
	for i := range submissions {
		s := &submissions[i]
		var err error
		if sent, err = dec.AppendJSON(sent[:0], s.op); err != nil {
			return err
		}
		record, over := last.add(s.revision)
		*record = rebaser.Append((*record)[:0], sent, over)
		if err := doc.Apply(*record); err != nil {
			return err
		}
		encoded = AppendBinary(encoded[:0], *record)
	}
	return nil
}

// lastRecords are the last keptRecords records, and up to three times as many
// more, in memory that is used again.
type lastRecords struct {
	records  [4 * keptRecords]Delta
	n        int // of records in use
	revision int // of the first one
}

// keptRecords is also what bench.js keeps.
const keptRecords = 256

// newLastRecords has room for a keystroke at each place.
func newLastRecords() *lastRecords {
	l := &lastRecords{}
	room := make(Delta, 2*len(l.records))
	for i := range l.records {
		l.records[i] = room[2*i : 2*i : 2*i+2]
	}
	return l
}

// add returns the place for one more record, in which an old one may lie, and the
// records since revision.
func (l *lastRecords) add(revision int) (record *Delta, since []Delta) {
	if l.n == len(l.records) {
		first := l.n - keptRecords
		for i := range keptRecords { // swapped, so that no memory gets lost
			l.records[i], l.records[first+i] = l.records[first+i], l.records[i]
		}
		l.n, l.revision = keptRecords, l.revision+first
	}
	l.n++
	return &l.records[l.n-1], l.records[revision-l.revision : l.n-1]
}

// richWriting is somebody writing paragraphs of rich text: bold runs, lists,
// headings, links, and corrections.
func richWriting(n int) []Delta {
	r := rand.New(rand.NewPCG(9, 10))
	bold, link := mustAttributes(`{"bold":true}`), mustAttributes(`{"link":"https://example.org/"}`)
	lines := []Attributes{{}, {}, mustAttributes(`{"header":2}`), mustAttributes(`{"list":"bullet"}`)}
	out := make([]Delta, 0, n)
	length, caret := 0, 0
	var inline Attributes
	for len(out) < n {
		if r.IntN(60) == 0 {
			caret = r.IntN(length + 1)
		}
		switch p := r.IntN(100); {
		case p < 8 && caret > 0:
			caret--
			length--
			out = append(out, Normalize(Delta{RetainOp(caret, Attributes{}), DeleteOp(1)}))
			continue
		case p < 10 && caret > 12:
			format := []Attributes{bold, link, mustAttributes(`{"bold":null}`)}[r.IntN(3)]
			out = append(out, Delta{RetainOp(caret-12, Attributes{}), RetainOp(8, format)})
			continue
		case p < 13:
			inline = []Attributes{{}, {}, bold}[r.IntN(3)]
		}
		op := InsertText(string(rune('a'+r.IntN(26))), inline)
		if r.IntN(50) == 0 {
			op = InsertText("\n", lines[r.IntN(len(lines))])
		}
		out = append(out, Normalize(Delta{RetainOp(caret, Attributes{}), op}))
		caret++
		length++
	}
	return out
}

// plainOf is changes without their attributes.
func plainOf(changes []Delta) []Delta {
	out := make([]Delta, len(changes))
	for i, d := range changes {
		for _, op := range d {
			op.attrs = Attributes{}
			out[i] = append(out[i], op)
		}
	}
	return out
}

// BenchmarkApplyRich applies the same writing with attributes and without.
func BenchmarkApplyRich(b *testing.B) {
	rich := richWriting(100_000)
	for _, c := range []struct {
		name    string
		changes []Delta
	}{{"rich", rich}, {"plain", plainOf(rich)}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				doc := NewDocument()
				for i := range c.changes {
					if err := doc.Apply(c.changes[i]); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(c.changes)), "ns/edit")
		})
	}
}
