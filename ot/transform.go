package ot

// Transform returns b changed so that it applies after a. For every a and b made
// against the same document d:
//
//	d·a·Transform(a, b, true) == d·b·Transform(b, a, false)
//
// aFirst says that a wins ties: a's insert stays in front when both insert at
// one place, and a's value stays when both set one attribute of the same units
// (removing it, with null, counts as setting it).
func Transform(a, b Delta, aFirst bool) Delta {
	return AppendTransform(make(Delta, 0, len(a)+len(b)), a, b, aFirst)
}

// AppendTransform is Transform appending its answer to dst. With room in dst it
// allocates nothing, unless texts have to be joined or cut inside a pair, or
// attributes of both deltas meet.
func AppendTransform(dst Delta, a, b Delta, aFirst bool) Delta {
	if over, own := keystrokeOf(a), keystrokeOf(b); over.op != nil && own.op != nil && own.follow(over, aFirst) {
		return own.append(dst)
	}
	out := newBuilder(dst)
	over, own := stepper{ops: a}, stepper{ops: b}
	for {
		mine := own.op()
		if mine == nil {
			return out.finish()
		}
		first := over.op()
		switch {
		case first != nil && first.inserts() && (aFirst || !mine.inserts()):
			out.push(Op{kind: Retain, n: over.left})
			over.skip(over.left)
		case mine.inserts():
			out.push(*mine)
			own.skip(own.left)
		case first == nil:
			out.push(Op{kind: mine.kind, n: own.left, attrs: mine.attrs})
			own.skip(own.left)
		default:
			n := min(over.left, own.left)
			out.push(transformUnits(first, mine, n, aFirst))
			over.skip(n)
			own.skip(n)
		}
	}
}

// stepper walks through a delta by lengths, without copying ops.
type stepper struct {
	ops  Delta // from the present op on
	left int   // units of the present op still ahead; zero before it is looked at
}

// op returns the present op, or nil at the end.
func (s *stepper) op() *Op {
	for s.left == 0 {
		if len(s.ops) == 0 {
			return nil
		}
		if s.left = s.ops[0].n; s.left > 0 {
			break
		}
		s.ops = s.ops[1:]
	}
	return &s.ops[0]
}

// skip goes n units on, at most to the end of the present op.
func (s *stepper) skip(n int) {
	if s.left -= n; s.left == 0 {
		s.ops = s.ops[1:]
	}
}

// transformUnits returns what own, a retain or delete, has left to do to the
// next n units once over, a retain or delete, has been there. Units that over
// deleted leave nothing, the zero Op.
func transformUnits(over, own *Op, n int, overFirst bool) Op {
	if over.kind == Delete {
		return Op{}
	}
	if own.kind == Delete {
		return Op{kind: Delete, n: n}
	}
	return Op{kind: Retain, n: n, attrs: transformAttributes(over.attrs, own.attrs, overFirst)}
}
