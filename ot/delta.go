package ot

// Delta is one change, or a whole document if it only inserts. It reads from the
// beginning of the document; what follows its last op is retained. The functions
// of this package never change a delta given to them.
type Delta []Op

// Len is the sum of the lengths of all ops, in UTF-16 code units.
func (d Delta) Len() int {
	n := 0
	for i := range d {
		n += d[i].n
	}
	return n
}

// ChangeLen is by how much d lengthens a document: inserted less deleted units.
func (d Delta) ChangeLen() int {
	n := 0
	for i := range d {
		switch d[i].kind {
		case Insert, Embed:
			n += d[i].n
		case Delete:
			n -= d[i].n
		}
	}
	return n
}

// BaseLen is the length of the shortest document d fits: retained plus deleted
// units.
func (d Delta) BaseLen() int {
	n := 0
	for i := range d {
		if d[i].kind == Retain || d[i].kind == Delete {
			n += d[i].n
		}
	}
	return n
}

// Equal reports whether both deltas have equal ops in the same order. Deltas
// that do the same but are written differently are not equal.
func (d Delta) Equal(other Delta) bool {
	if len(d) != len(other) {
		return false
	}
	for i := range d {
		if !d[i].Equal(other[i]) {
			return false
		}
	}
	return true
}

// IsDocument reports whether d only inserts, which makes it a document.
func (d Delta) IsDocument() bool {
	for i := range d {
		if !d[i].inserts() && d[i].n > 0 {
			return false
		}
	}
	return true
}

// Normalize returns d written by the push rules, with a trailing plain retain
// dropped. It does the same to every document that d fits, but it does not
// transform the same: never normalize a delta that is yet to be transformed.
func Normalize(d Delta) Delta {
	b := newBuilder(make(Delta, 0, len(d)))
	for i := range d {
		b.push(&d[i])
	}
	return b.finish()
}

// String returns d as JSON.
func (d Delta) String() string { return string(AppendJSON(nil, d)) }

// reader walks through a delta, op by op or in parts of one. Past the end its op
// is the zero Op.
type reader struct {
	ops  Delta
	next int
	op   Op // what is left of the op being read; loaded when its length is zero
}

// load makes the next unread op current if nothing is left of the current one,
// and reports whether there is one.
func (r *reader) load() bool {
	for r.op.n == 0 {
		if r.next == len(r.ops) {
			r.op = Op{}
			return false
		}
		r.op = r.ops[r.next]
		r.next++
	}
	return true
}
