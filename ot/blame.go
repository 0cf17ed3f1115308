package ot

import (
	"iter"
	"slices"
)

// Origin says where text comes from. Both numbers are the caller's.
type Origin struct {
	Author   uint64
	Revision uint64
}

// BlameRun is a stretch of a document with one origin.
type BlameRun struct {
	Len    int // in UTF-16 code units
	Origin Origin
}

// Blame knows for every unit of a document who inserted it, and when. It is kept
// beside the document: apply to it what is applied there. Changing attributes does
// not change the origin.
//
// It holds runs in chunks, so that a change costs about the square root of their
// number, and next to nothing where the last one was. A Blame is not safe for
// concurrent use.
type Blame struct {
	chunks []blameChunk
	length int

	last, start int // the chunk last found, and where it begins
}

type blameChunk struct {
	runs  []BlameRun
	units int
}

// blameRuns is the largest number of runs of a chunk.
const blameRuns = 256

// NewBlame returns the origins of a document of the given length that has but one.
func NewBlame(length int, o Origin) *Blame {
	b := &Blame{chunks: []blameChunk{{}}}
	b.insert(0, length, o)
	return b
}

// Len is the length of the document.
func (b *Blame) Len() int { return b.length }

// Clone returns a Blame that stays as this one is now.
func (b *Blame) Clone() *Blame {
	clone := &Blame{chunks: slices.Clone(b.chunks), length: b.length}
	for i := range clone.chunks {
		clone.chunks[i].runs = slices.Clone(clone.chunks[i].runs)
	}
	return clone
}

// Apply notes that d, whose inserts have the origin o, was applied. It returns
// ErrPastEnd, and changes nothing, if d does not fit.
func (b *Blame) Apply(d Delta, o Origin) error {
	if d.BaseLen() > b.length {
		return ErrPastEnd
	}
	at := 0
	for i := range d {
		switch op := &d[i]; op.kind {
		case Retain:
			at += op.n
		case Delete:
			b.delete(at, op.n)
		case Insert, Embed:
			b.insert(at, op.n, o)
			at += op.n
		}
	}
	return nil
}

// Runs yields the origins of the units from from up to but not including to;
// neighbours differ.
func (b *Blame) Runs(from, to int) iter.Seq[BlameRun] {
	return func(yield func(BlameRun) bool) {
		from, to := max(from, 0), min(to, b.length)
		var pending BlameRun
		at := 0
		for _, c := range b.chunks {
			if at >= to {
				break
			}
			if at+c.units <= from {
				at += c.units
				continue
			}
			for _, r := range c.runs {
				n := min(at+r.Len, to) - max(at, from)
				at += r.Len
				if n <= 0 {
					continue
				}
				if pending.Len > 0 && pending.Origin != r.Origin {
					if !yield(pending) {
						return
					}
					pending.Len = 0
				}
				pending = BlameRun{pending.Len + n, r.Origin}
			}
		}
		if pending.Len > 0 {
			yield(pending)
		}
	}
}

// find returns the chunk that holds the unit before at, or the first one, and
// where it begins.
func (b *Blame) find(at int) (chunk *blameChunk, start int) {
	if at <= b.start {
		b.last, b.start = 0, 0
	}
	for b.last < len(b.chunks)-1 && at > b.start+b.chunks[b.last].units {
		b.start += b.chunks[b.last].units
		b.last++
	}
	return &b.chunks[b.last], b.start
}

// insert notes n units in front of the unit at at.
func (b *Blame) insert(at, n int, o Origin) {
	if n <= 0 {
		return
	}
	c, start := b.find(at)
	i := c.cut(at - start)
	switch {
	case i > 0 && c.runs[i-1].Origin == o:
		c.runs[i-1].Len += n
	case i < len(c.runs) && c.runs[i].Origin == o:
		c.runs[i].Len += n
	default:
		c.runs = slices.Insert(c.runs, i, BlameRun{n, o})
	}
	c.units += n
	b.length += n
	b.splitLarge()
}

// splitLarge splits the chunk last found if it has become too large.
func (b *Blame) splitLarge() {
	c := &b.chunks[b.last]
	if len(c.runs) <= blameRuns {
		return
	}
	half := len(c.runs) / 2
	right := blameChunk{runs: slices.Clone(c.runs[half:])}
	for _, r := range right.runs {
		right.units += r.Len
	}
	c.runs = c.runs[:half]
	c.units -= right.units
	b.chunks = slices.Insert(b.chunks, b.last+1, right)
}

// delete forgets n units, which must be there, from at on.
func (b *Blame) delete(at, n int) {
	b.length -= n
	for n > 0 {
		c, start := b.find(at + 1) // the chunk that holds the unit at at
		from := c.cut(at - start)
		part := min(n, start+c.units-at)
		to := c.cut(at - start + part)
		c.runs = slices.Delete(c.runs, from, to)
		if from > 0 && from < len(c.runs) && c.runs[from-1].Origin == c.runs[from].Origin {
			c.runs[from-1].Len += c.runs[from].Len
			c.runs = slices.Delete(c.runs, from, from+1)
		}
		c.units -= part
		n -= part
		b.joinSmall()
	}
}

// joinSmall drops the chunk last found if it is empty, and joins it to the one
// after it if both are small.
func (b *Blame) joinSmall() {
	c := &b.chunks[b.last]
	switch {
	case b.last+1 < len(b.chunks) && len(c.runs)+len(b.chunks[b.last+1].runs) <= blameRuns/2:
		next := b.chunks[b.last+1]
		c.runs = append(c.runs, next.runs...)
		c.units += next.units
		b.chunks = slices.Delete(b.chunks, b.last+1, b.last+2)
	case len(c.runs) == 0 && b.last > 0:
		b.chunks = slices.Delete(b.chunks, b.last, b.last+1)
	default:
		return
	}
	b.last, b.start = 0, 0
}

// cut makes a run begin at unit at of the chunk, and returns its index.
func (c *blameChunk) cut(at int) int {
	for i := range c.runs {
		if at == 0 {
			return i
		}
		if r := &c.runs[i]; at < r.Len {
			tail := BlameRun{r.Len - at, r.Origin}
			r.Len = at
			c.runs = slices.Insert(c.runs, i+1, tail)
			return i + 1
		}
		at -= c.runs[i].Len
	}
	return len(c.runs)
}
