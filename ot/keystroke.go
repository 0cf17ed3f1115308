package ot

// A keystroke is the delta that people make most: one insert or one delete, after a
// plain retain if it is not at the beginning. Two of them are transformed by a few
// comparisons; the answers are those of the general way.

// keystrokeOf returns where d inserts or deletes and the op that does it, if d is a
// keystroke, and a nil op otherwise. The op may be of length zero.
func keystrokeOf(d Delta) (at int, op *Op) {
	switch {
	case len(d) == 2 && d[0].isPlainRetain():
		at, op = d[0].n, &d[1]
	case len(d) == 1:
		op = &d[0]
	default:
		return 0, nil
	}
	if op.kind == Retain {
		return 0, nil
	}
	return at, op
}

// afterDelete returns where the position at goes when n units from from on are
// deleted.
func afterDelete(at, from, n int) int { return at - min(max(at-from, 0), n) }
