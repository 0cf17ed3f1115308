package ot

// Compose returns one delta that does what a and then b do. For every document d
// that a fits, if b fits d·a:
//
//	(d·a)·b == d·Compose(a, b)
//	Compose(Compose(a, b), c) == Compose(a, Compose(b, c))
//
// If a is a document, the answer is the document after b.
func Compose(a, b Delta) Delta {
	return AppendCompose(make(Delta, 0, len(a)+len(b)), a, b)
}

// AppendCompose is Compose appending its answer to dst.
func AppendCompose(dst Delta, a, b Delta) Delta {
	out := newBuilder(dst)
	first, second := reader{ops: a}, reader{ops: b}
	for {
		moreFirst, moreSecond := first.load(), second.load()
		switch {
		case moreSecond && second.op.inserts():
			out.push(&second.op)
			second.op.n = 0
		case moreFirst && first.op.kind == Delete:
			out.push(&first.op)
			first.op.n = 0
		case !moreFirst && !moreSecond:
			return out.finish()
		case !moreFirst: // all that b still touches was retained by a
			out.push(&second.op)
			second.op.n = 0
		case !moreSecond: // all that a still writes is retained by b
			out.push(&first.op)
			first.op.n = 0
		default:
			n := min(first.op.n, second.op.n)
			both := composeUnits(first.op.take(n), second.op.take(n))
			out.push(&both)
		}
	}
}

// composeUnits composes an insert or retain with a retain or delete of the same
// length. An insert that is deleted leaves nothing, the zero Op.
func composeUnits(first, second Op) Op {
	if second.kind == Retain {
		first.attrs = composeAttributes(first.attrs, second.attrs, first.kind == Retain)
		return first
	}
	if first.kind == Retain {
		return second
	}
	return Op{}
}

// ComposeAll composes deltas that follow one another. Because Compose is
// associative it may pair neighbours, and so takes time near linear in all of
// them together:
//
//	ComposeAll({a, b, c}) == Compose(Compose(a, b), c)
//
// A single delta comes back as it is.
func ComposeAll(deltas []Delta) Delta {
	switch len(deltas) {
	case 0:
		return nil
	case 1:
		return deltas[0]
	}
	half := len(deltas) / 2
	return Compose(ComposeAll(deltas[:half]), ComposeAll(deltas[half:]))
}
