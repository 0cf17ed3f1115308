package ot

import (
	"math"
	"sort"
)

// TransformPosition returns where a caret at index goes when d is applied. With
// aFirst false an insert exactly at the caret moves it, as one's own typing
// does; with aFirst true the caret stays in front of it, as it does for somebody
// else's insert.
//
// It is quill-delta's transformPosition, unit for unit, and the answer is not
// always where an insert at the same place would land.
func TransformPosition(d Delta, index int, aFirst bool) int {
	offset := 0
	for i := range d {
		if offset > index {
			break
		}
		op := &d[i]
		switch op.kind {
		case Delete:
			index -= min(op.n, index-offset)
			continue
		case Insert, Embed:
			if offset < index || !aFirst {
				index += op.n
			}
		}
		offset += op.n
	}
	return index
}

// PositionIndex answers TransformPosition for many positions of one delta: made
// in time linear in the delta, it takes logarithmic time per position.
//
//	NewPositionIndex(d).Transform(index, aFirst) == TransformPosition(d, index, aFirst)
type PositionIndex struct {
	moved []stop // for aFirst false: where a caret can come to rest
	ahead []stop // for aFirst true: an insert stops it as well
}

// stop is an op at which the carets of a stretch of positions come to rest: a
// retain that they are inside of, the end, or an insert they are in front of.
// Carets in deleted text rest at the next stop.
type stop struct {
	until  int // positions below this one that came so far rest here
	base   int // where the op begins before the change
	offset int // and after it
}

// NewPositionIndex returns an index of the positions of d.
func NewPositionIndex(d Delta) *PositionIndex {
	p := new(PositionIndex)
	base, offset := 0, 0
	for i := range d {
		n := d[i].n
		switch d[i].kind {
		case Insert, Embed:
			p.ahead = append(p.ahead, stop{until: base + 1, base: base, offset: offset})
			offset += n
		case Retain:
			at := stop{until: base + n, base: base, offset: offset}
			p.moved, p.ahead = append(p.moved, at), append(p.ahead, at)
			base += n
			offset += n
		case Delete:
			base += n
		}
	}
	end := stop{until: math.MaxInt, base: base, offset: offset}
	p.moved, p.ahead = append(p.moved, end), append(p.ahead, end)
	return p
}

// Transform is TransformPosition for the delta of the index.
func (p *PositionIndex) Transform(index int, aFirst bool) int {
	stops := p.moved
	if aFirst {
		stops = p.ahead
	}
	i := sort.Search(len(stops)-1, func(i int) bool { return index < stops[i].until })
	return stops[i].offset + max(index-stops[i].base, 0)
}
