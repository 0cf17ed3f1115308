package history

import (
	"slices"

	"github.com/quire-editor/quire/ot"
)

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
