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
	out := newBuilder(dst)
	over, own := reader{ops: a}, reader{ops: b}
	for own.load() {
		moreOver := over.load()
		switch {
		case moreOver && over.op.inserts() && (aFirst || !own.op.inserts()):
			out.push(Op{kind: Retain, n: over.op.n})
			over.op.n = 0
		case own.op.inserts() || !moreOver:
			out.push(own.op)
			own.op.n = 0
		default:
			n := min(over.op.n, own.op.n)
			out.push(transformUnits(&over.op, &own.op, n, aFirst))
			over.op.n -= n
			own.op.n -= n
		}
	}
	return out.finish()
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
