package ot

// Rebase carries d over committed deltas, in their order. The committed delta
// wins every tie. It is exactly
//
//	for _, c := range over { d = Transform(c, d, true) }
//
// With nothing to carry over, the answer is d itself, untidied. The time is near
// linear in the sizes of both; a caller that must not wait that long uses a Carry
// and stops where it likes.
func Rebase(d Delta, over []Delta) Delta {
	if len(d) >= carryOps && len(over) >= carryRecords {
		c := NewCarry(d)
		for i := range over {
			c.Over(over[i])
		}
		return c.Delta()
	}
	for i := range over {
		d = Transform(over[i], d, true)
	}
	return d
}

// From these sizes on a Carry is faster than transforms one by one.
const (
	carryOps     = 32
	carryRecords = 8
)

// Carry is a delta being carried over committed deltas one after another. It is
// held open where the last one touched it, so that each costs what it touches and
// not the size of the delta carried: what lies to the left of that place, and what
// lies to the right.
//
// Transforming one by one tidies the delta each time, and what follows depends on
// it. Of the push rules only one changes later answers, that an insert goes in
// front of the deletes it touches; it is kept wherever the delta is touched (see
// settle). Joining neighbours does not, and is left to the end.
//
// Invariant: left followed by right never has an insert right behind a delete.
type Carry struct {
	delta Delta // as long as nothing has been carried over, d itself
	open  bool  // whether the delta is in left and right instead

	left, right carrySide
	at          int // units of the document to the left
}

// NewCarry begins to carry d. With nothing carried over, Delta is d itself.
func NewCarry(d Delta) *Carry {
	return &Carry{delta: d, left: carrySide{chunk: carryChunk}, right: carrySide{chunk: carryChunk, reversed: true}}
}

// Over carries the delta over c, which is committed and wins every tie.
func (c *Carry) Over(committed Delta) {
	if !c.open {
		// The first transform puts all of the delta into normal form.
		c.right.load(Transform(committed, c.delta, true))
		c.delta, c.open = nil, true
		return
	}
	at, moved := 0, true // moved: the next op is not where the one before ended
	for i := range committed {
		op := &committed[i]
		if op.isPlainRetain() {
			at += op.n
			moved = true
			continue
		}
		if op.n == 0 {
			continue
		}
		if moved {
			c.settle()
			c.seek(at)
			moved = false
		}
		switch op.kind {
		case Insert, Embed:
			c.put(Op{kind: Retain, n: op.n})
			at += op.n
		case Delete:
			c.pass(op)
		case Retain:
			c.pass(op)
			at += op.n
		}
	}
	c.settle()
}

// Delta returns the delta as carried so far; the Carry can go on.
func (c *Carry) Delta() Delta {
	if !c.open {
		return c.delta
	}
	out := newBuilder(make(Delta, 0, c.left.count()+c.right.count()))
	c.left.each(out.push)
	c.right.each(out.push)
	return out.finish()
}

// put adds op at the left of the open place. An insert goes in front of the
// deletes it would follow.
func (c *Carry) put(op Op) {
	removed := 0
	if op.inserts() {
		for top := c.left.top(); top != nil && top.kind == Delete; top = c.left.top() {
			removed += top.n
			c.left.pop()
		}
	} else {
		c.at += op.n
	}
	c.left.push(op)
	if removed > 0 {
		c.left.push(Op{kind: Delete, n: removed})
	}
}

// pass moves the open place to the right over the units that op, a delete or a
// retain with attributes, applies to, and does to the delta what op leaves of it.
// Inserts among those units stay in front of what they were in front of.
func (c *Carry) pass(op *Op) {
	for n := op.n; n > 0; {
		top := c.right.top()
		if top == nil {
			return // the rest of the document is retained
		}
		if top.inserts() {
			c.put(c.right.pop())
			continue
		}
		own := c.right.take(n)
		n -= own.n
		if left := transformUnits(op, &own, own.n, true); left.n > 0 {
			c.put(left)
		}
	}
}

// settle puts inserts that came to stand right behind a delete in front of it. It
// must be called before the open place is left, and not earlier: what the same
// committed delta inserts there goes in between.
func (c *Carry) settle() {
	for {
		next, last := c.right.top(), c.left.top()
		if next == nil || last == nil || !next.inserts() || last.kind != Delete {
			return
		}
		c.put(c.right.pop())
	}
}

// seek opens the delta at unit at of the document, in front of what it inserts
// there.
func (c *Carry) seek(at int) {
	c.skip(at)
	for top := c.left.top(); top != nil; top = c.left.top() {
		if top.inserts() {
			if c.at < at {
				break
			}
			c.right.push(c.left.pop())
			continue
		}
		if c.at <= at {
			break
		}
		own := c.left.take(c.at - at)
		c.at -= own.n
		c.right.push(own)
	}
	for c.at < at {
		top := c.right.top()
		switch {
		case top == nil:
			c.put(Op{kind: Retain, n: at - c.at})
		case top.inserts():
			c.put(c.right.pop())
		default:
			c.put(c.right.take(at - c.at))
		}
	}
}

// skip brings the open place near to unit at, by whole chunks.
func (c *Carry) skip(at int) {
	switch {
	case at <= c.at-c.left.units && len(c.left.chunks) > 0:
		c.right.store()
		c.at -= c.left.units
		c.right.put(c.left.unload())
		for n := len(c.left.chunks); n > 0 && at <= c.at-c.left.chunks[n-1].units; n-- {
			c.at -= c.left.chunks[n-1].units
			c.right.put(c.left.takeChunk())
		}
	case at > c.at+c.right.units && len(c.right.chunks) > 0:
		c.left.store()
		c.at += c.right.units
		c.left.put(c.right.unload())
		for n := len(c.right.chunks); n > 0 && at > c.at+c.right.chunks[n-1].units; n-- {
			c.at += c.right.chunks[n-1].units
			c.left.put(c.right.takeChunk())
		}
	}
}

// Rebaser rebases small deltas without allocating: it keeps the memory for what
// lies between the delta given and the answer. The zero value is ready. It is not
// safe for concurrent use.
type Rebaser struct {
	buf, next Delta
}

// Append is the function Rebase appending its answer to dst, which is not memory
// of d. With nothing to carry over, what it appends is d as it is.
func (r *Rebaser) Append(dst, d Delta, over []Delta) Delta {
	if len(over) == 0 || len(d) >= carryOps && len(over) >= carryRecords {
		return append(dst, Rebase(d, over)...)
	}
	last := len(over) - 1
	for i := range over[:last] {
		r.next = AppendTransform(r.next[:0], over[i], d, true)
		r.buf, r.next = r.next, r.buf
		d = r.buf
	}
	return AppendTransform(dst, over[last], d, true)
}
