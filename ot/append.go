package ot

// Appending ops is most of what the functions of this package do to memory. The
// built-in append makes the op in a temporary first and copies it from there in
// larger pieces than it was written in, for which the processor has to wait. Here
// ops are made where they belong.

// extend returns d one op longer. The new op holds anything.
func extend(d Delta) Delta {
	if len(d) < cap(d) {
		return d[:len(d)+1]
	}
	return append(d, Op{})
}

// appendPlain appends a retain or delete of n units without attributes.
func appendPlain(d Delta, kind Kind, n int) Delta {
	d = extend(d)
	op := &d[len(d)-1]
	op.text, op.attrs, op.n, op.kind = "", Attributes{}, n, kind
	return d
}

// appendCopy appends a copy of op, which is not in d's memory behind its end.
func appendCopy(d Delta, op *Op) Delta {
	d = extend(d)
	d[len(d)-1] = *op
	return d
}
