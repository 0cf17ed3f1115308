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
