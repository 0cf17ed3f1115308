package ot

// Invert returns the delta that undoes d, given the document before d:
//
//	base·d·Invert(d, base) == base
//
// Units of d past the end of base are passed over.
//
// To undo a change after others have been made, carry its inverse over them:
// Rebase(Invert(d, base), later). What others did since stays.
func Invert(d, base Delta) Delta {
	out := newBuilder(make(Delta, 0, len(d)))
	before := reader{ops: base}
	for i := range d {
		op := d[i]
		if op.inserts() {
			out.push(&Op{kind: Delete, n: op.n})
			continue
		}
		for op.n > 0 && before.load() {
			n := min(op.n, before.op.n)
			undo := invertUnits(op.take(n), before.op.take(n))
			out.push(&undo)
		}
		if op.isPlainRetain() {
			out.push(&op)
		}
	}
	return out.finish()
}

// invertUnits undoes op, a retain or delete, for units that were base before.
func invertUnits(op, base Op) Op {
	if op.kind == Delete {
		return base
	}
	return Op{kind: Retain, n: op.n, attrs: invertAttributes(op.attrs, base.attrs)}
}
