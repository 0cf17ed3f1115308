package history

import (
	"slices"
	"strings"

	"github.com/quire-editor/quire/ot"
)

// Origin says whose a change is and when it was made.
type Origin struct {
	Author string
	// Edit is the first revision of the edit that the change belongs to.
	Edit uint64
	Time int64 // milliseconds since the Unix epoch
}

// Ledger keeps account of what became of a text: which units are still there,
// which were added, and which are gone. Only what marked changes did counts; what
// the others do is taken as if it had always been so. So with all changes marked it
// is the difference to the text it began with, and with those of one author marked
// it is this author's contribution, carried to now.
//
// It holds pieces in chunks, like ot.Blame, so that a change costs about the square
// root of their number, and next to nothing near the last one.
type Ledger struct {
	text   *ot.Document
	chunks []chunk
	at     spot
}

// chunk is a part of the pieces; units counts those of its units that are there.
type chunk struct {
	pieces []piece
	units  int
}

// maxPieces is the largest number of pieces of a chunk.
const maxPieces = 128

// spot is a place between pieces: in front of a piece of a chunk that begins at
// unit start of the text.
type spot struct{ chunk, piece, start int }

// state says what became of units.
type state uint8

const (
	kept  state = iota // there from the beginning, or not to be counted
	added              // inserted by a marked change
	gone               // deleted by a marked change
)

type piece struct {
	state state
	n     int    // units
	by    Origin // who added, deleted or last formatted it
	// undo takes back the formatting of units that were kept.
	undo ot.Attributes
	// content are units that are gone, as they were in the beginning.
	content ot.Op
}

// visible is how many units of the text the piece is.
func (p *piece) visible() int {
	if p.state == gone {
		return 0
	}
	return p.n
}

// joins says whether a piece can be one with the piece after it.
func (p *piece) joins(next *piece) bool {
	return p.state == next.state && p.state != gone && p.by == next.by && p.undo.Equal(next.undo)
}

// NewLedger begins with a text. The ledger owns it from then on.
func NewLedger(text *ot.Document) *Ledger {
	l := &Ledger{text: text, chunks: []chunk{{}}}
	if n := text.Len(); n > 0 {
		l.chunks[0] = chunk{[]piece{{n: n}}, n}
	}
	return l
}

// Text is the text as it is now.
func (l *Ledger) Text() *ot.Document { return l.text }

// Apply applies a step to the text. by marks it; nil does not. It returns
// ot.ErrPastEnd, and changes nothing, if the step does not fit.
func (l *Ledger) Apply(s *Step, by *Origin) error {
	d := s.on(l.text.Len())
	if d.BaseLen() > l.text.Len() {
		return ot.ErrPastEnd
	}
	base, at := 0, 0 // in the text before and after
	for i := 0; i < len(d); {
		op := &d[i]
		if op.Kind() == ot.Retain {
			if !op.Attributes().IsZero() {
				l.format(at, *op, base, by)
			}
			base += op.Len()
			at += op.Len()
			i++
			continue
		}
		// A replacement is a deletion first: then what is put in stands behind what it replaces.
		end := i
		for removed := 0; ; end++ {
			if end == len(d) || d[end].Kind() == ot.Retain {
				l.remove(at, removed, base, by)
				base += removed
				break
			}
			if d[end].Kind() == ot.Delete {
				removed += d[end].Len()
			}
		}
		at += l.insertAll(at, d[i:end], s.Restores, by)
		i = end
	}
	return l.text.Apply(d)
}

// insertAll puts in what ops insert, and returns how much that is.
func (l *Ledger) insertAll(at int, ops ot.Delta, restores bool, by *Origin) int {
	if restores && by == nil {
		if n := l.putBack(at, ops); n > 0 {
			return n
		}
	}
	n := 0
	for i := range ops {
		if ops[i].IsInsert() {
			n += ops[i].Len()
		}
	}
	if n == 0 {
		return 0
	}
	place := l.seek(at)
	if by != nil {
		l.insert(place, piece{state: added, n: n, by: *by})
	} else {
		l.insert(l.beforeGone(place), piece{n: n})
	}
	return n
}

// putBack recognises what was deleted here and is put in again: it is kept from
// then on, and not to be put back a second time. It returns 0 if ops are something
// else.
func (l *Ledger) putBack(at int, ops ot.Delta) int {
	back := textOf(ops)
	if back == "" {
		return 0
	}
	end := l.seek(at)
	begin := l.beforeGone(end)
	c := &l.chunks[begin.chunk]
	if begin.chunk != end.chunk {
		l.gather(begin, end)
		c = &l.chunks[begin.chunk]
		end = spot{chunk: begin.chunk, piece: len(c.pieces)}
	}
	pieces := c.pieces[begin.piece:end.piece]
	from, to := findText(pieces, back)
	if from == to {
		return 0
	}
	units := 0
	for i := from; i < to; i++ {
		units += pieces[i].n
		pieces[i] = piece{n: pieces[i].n}
	}
	c.units += units
	l.at = spot{}
	return units
}

// gather moves the pieces between two places of different chunks, which are all
// gone, to the end of the first.
func (l *Ledger) gather(begin, end spot) {
	first := &l.chunks[begin.chunk]
	for i := begin.chunk + 1; i <= end.chunk; i++ {
		c := &l.chunks[i]
		n := len(c.pieces)
		if i == end.chunk {
			n = end.piece
		}
		first.pieces = append(first.pieces, c.pieces[:n]...)
		c.pieces = slices.Delete(c.pieces, 0, n)
	}
	l.at = spot{}
}

// findText returns which of the pieces, one after the other, are the text.
func findText(pieces []piece, text string) (from, to int) {
	for from = range pieces {
		rest := text
		for to = from; to < len(pieces) && rest != ""; to++ {
			content := unitsOf(&pieces[to].content)
			if !strings.HasPrefix(rest, content) {
				break
			}
			rest = rest[len(content):]
		}
		if rest == "" {
			return from, to
		}
	}
	return 0, 0
}

func textOf(ops ot.Delta) string {
	var text strings.Builder
	for i := range ops {
		if ops[i].IsInsert() {
			text.WriteString(unitsOf(&ops[i]))
		}
	}
	return text.String()
}

// unitsOf is the text of an insert; an embed is its JSON.
func unitsOf(op *ot.Op) string {
	if op.Kind() == ot.Embed {
		return op.EmbedJSON()
	}
	return op.Text()
}

// remove deletes n units of the text from at on, which were at base before the step.
func (l *Ledger) remove(at, n, base int, by *Origin) {
	for n > 0 {
		place := l.seek(at)
		p := l.first(place, n)
		n -= p.n
		base += p.n
		c := &l.chunks[place.chunk]
		c.units -= p.n
		if by == nil || p.state == added {
			c.pieces = slices.Delete(c.pieces, place.piece, place.piece+1)
			l.drop(place.chunk)
			continue
		}
		contents := l.text.Slice(base-p.n, base)
		pieces := make([]piece, 0, len(contents))
		for i := range contents {
			content := withUndo(contents[i], p.undo)
			pieces = append(pieces, piece{state: gone, n: content.Len(), by: *by, content: content})
		}
		c.pieces = slices.Replace(c.pieces, place.piece, place.piece+1, pieces...)
		l.at = spot{place.chunk, place.piece + len(pieces), place.start}
		l.split(place.chunk)
	}
}

// withUndo returns an insert as it was before it was formatted.
func withUndo(op ot.Op, undo ot.Attributes) ot.Op {
	if undo.IsZero() {
		return op
	}
	return ot.Compose(ot.Delta{op}, ot.Delta{ot.RetainOp(op.Len(), undo)})[0]
}

// format notes that the units of a retain from at on, which were at base before
// the step, got its attributes.
func (l *Ledger) format(at int, retain ot.Op, base int, by *Origin) {
	for n := retain.Len(); n > 0; {
		place := l.seek(at)
		p := l.first(place, n)
		n -= p.n
		at += p.n
		base += p.n
		if p.state != kept {
			continue
		}
		if by == nil {
			// Whoever comes later decides: only what they left alone is taken back.
			over := ot.Delta{ot.RetainOp(1, retain.Attributes())}
			p.undo = attributesOf(ot.Transform(over, ot.Delta{ot.RetainOp(1, p.undo)}, true))
			continue
		}
		l.formatPiece(place, base-p.n, retain.Attributes(), by)
	}
}

// formatPiece notes for one piece what undoes its formatting. Units that had
// different attributes become pieces of their own.
func (l *Ledger) formatPiece(place spot, base int, attrs ot.Attributes, by *Origin) {
	c := &l.chunks[place.chunk]
	p := c.pieces[place.piece]
	var parts []piece
	inverse := l.text.Invert(ot.Delta{ot.RetainOp(base, ot.Attributes{}), ot.RetainOp(p.n, attrs)})
	rest := p.n
	for i, passed := 0, 0; i < len(inverse); i++ {
		op := inverse[i]
		skip := min(max(base-passed, 0), op.Len())
		passed += op.Len()
		n := op.Len() - skip
		if n == 0 {
			continue
		}
		rest -= n
		if op.Attributes().IsZero() { // they had these attributes before
			parts = append(parts, piece{n: n, by: p.by, undo: p.undo})
			continue
		}
		undo := attributesOf(ot.Compose(ot.Delta{ot.RetainOp(1, op.Attributes())}, ot.Delta{ot.RetainOp(1, p.undo)}))
		parts = append(parts, piece{n: n, by: *by, undo: undo})
	}
	if rest > 0 {
		parts = append(parts, piece{n: rest, by: p.by, undo: p.undo})
	}
	c.pieces = slices.Replace(c.pieces, place.piece, place.piece+1, parts...)
	l.at = spot{}
	l.split(place.chunk)
}

// attributesOf returns the attributes of a delta of one retain.
func attributesOf(d ot.Delta) ot.Attributes {
	if len(d) == 0 {
		return ot.Attributes{}
	}
	return d[0].Attributes()
}

// Undo returns the delta that takes back what marked changes did: it removes what
// they added and is still there, puts back what they deleted, and gives formatted
// units the attributes they had. All else stays.
func (l *Ledger) Undo() ot.Delta {
	var d ot.Delta
	for p := range l.each {
		switch p.state {
		case kept:
			d = append(d, ot.RetainOp(p.n, p.undo))
		case added:
			d = append(d, ot.DeleteOp(p.n))
		case gone:
			d = append(d, p.content)
		}
	}
	return ot.Normalize(d)
}

// Run is a stretch of the text as a ledger shows it.
type Run struct {
	Len int // in units
	// Added and Formatted say what happened to units of the text; neither, that they are as they were.
	Added, Formatted bool
	// Removed is what stood in front of the next run and is there no more; Len counts it as well.
	Removed ot.Delta
	By      Origin
}

// Runs returns what became of the text; neighbours differ.
func (l *Ledger) Runs() []Run {
	var runs []Run
	for p := range l.each {
		r := Run{Len: p.n, By: p.by}
		switch {
		case p.state == gone:
			r.Removed = ot.Delta{p.content}
		case p.state == added:
			r.Added = true
		case !p.undo.IsZero():
			r.Formatted = true
		default:
			r.By = Origin{}
		}
		if last := len(runs) - 1; last >= 0 && runs[last].joins(&r) {
			runs[last].Len += r.Len
			runs[last].Removed = append(runs[last].Removed, r.Removed...)
			continue
		}
		runs = append(runs, r)
	}
	for i := range runs {
		if runs[i].Removed != nil {
			runs[i].Removed = ot.Normalize(runs[i].Removed)
		}
	}
	return runs
}

func (r *Run) joins(next *Run) bool {
	return r.By == next.By && r.Added == next.Added && r.Formatted == next.Formatted && (r.Removed == nil) == (next.Removed == nil)
}

// each yields the pieces in order.
func (l *Ledger) each(yield func(*piece) bool) {
	for c := range l.chunks {
		for i := range l.chunks[c].pieces {
			if !yield(&l.chunks[c].pieces[i]) {
				return
			}
		}
	}
}

// seek makes a piece begin at unit at and returns its place: behind what is gone
// there.
func (l *Ledger) seek(at int) spot {
	s := l.at
	if s.chunk >= len(l.chunks) || at < s.start {
		s = spot{}
	}
	for s.chunk < len(l.chunks)-1 && at >= s.start+l.chunks[s.chunk].units {
		s.start += l.chunks[s.chunk].units
		s.chunk++
	}
	c := &l.chunks[s.chunk]
	left := at - s.start
	for s.piece = 0; s.piece < len(c.pieces); s.piece++ {
		p := &c.pieces[s.piece]
		if p.state == gone {
			continue
		}
		if left == 0 {
			break
		}
		if left < p.n {
			tail := *p
			p.n, tail.n = left, p.n-left
			s.piece++
			c.pieces = slices.Insert(c.pieces, s.piece, tail)
			break
		}
		left -= p.n
	}
	l.at = s
	return s
}

// first returns the piece at a place that seek found, cut so that it has at most n units.
func (l *Ledger) first(s spot, n int) *piece {
	c := &l.chunks[s.chunk]
	if p := &c.pieces[s.piece]; p.n > n {
		tail := *p
		tail.n -= n
		p.n = n
		c.pieces = slices.Insert(c.pieces, s.piece+1, tail)
	}
	return &c.pieces[s.piece]
}

// beforeGone moves a place back to the last unit that is there.
func (l *Ledger) beforeGone(s spot) spot {
	for {
		for s.piece > 0 && l.chunks[s.chunk].pieces[s.piece-1].state == gone {
			s.piece--
		}
		if s.piece > 0 || s.chunk == 0 {
			return s
		}
		s.chunk--
		s.start -= l.chunks[s.chunk].units
		s.piece = len(l.chunks[s.chunk].pieces)
	}
}

// insert puts a piece at a place, or joins it to the one in front.
func (l *Ledger) insert(s spot, p piece) {
	c := &l.chunks[s.chunk]
	c.units += p.n
	if s.piece > 0 && c.pieces[s.piece-1].joins(&p) {
		c.pieces[s.piece-1].n += p.n
	} else {
		c.pieces = slices.Insert(c.pieces, s.piece, p)
	}
	l.at = spot{s.chunk, s.piece, s.start}
	l.split(s.chunk)
}

// split splits a chunk that has become too large.
func (l *Ledger) split(i int) {
	for ; len(l.chunks[i].pieces) > maxPieces; i++ {
		c := &l.chunks[i]
		half := len(c.pieces) - maxPieces/2
		right := chunk{pieces: slices.Clone(c.pieces[half:])}
		for j := range right.pieces {
			right.units += right.pieces[j].visible()
		}
		c.pieces = c.pieces[:half]
		c.units -= right.units
		l.chunks = slices.Insert(l.chunks, i+1, right)
		l.at = spot{}
		if len(l.chunks[i].pieces) > maxPieces {
			i--
		}
	}
}

// drop removes a chunk that has become empty, if it is not the only one.
func (l *Ledger) drop(i int) {
	if len(l.chunks[i].pieces) == 0 && len(l.chunks) > 1 {
		l.chunks = slices.Delete(l.chunks, i, i+1)
		l.at = spot{}
	}
}
