package ot

// A keystroke is the delta that people make most: one insert or one delete, after a
// plain retain if it is not at the beginning. Two of them are transformed by a few
// comparisons; the answers are those of the general way.

// keystrokeOf returns where d inserts or deletes and the op that does it, if d is a
// keystroke, and a nil op otherwise.
func keystrokeOf(d Delta) (at int, op *Op) {
	switch {
	case len(d) == 2 && d[0].isPlainRetain():
		at, op = d[0].n, &d[1]
	case len(d) == 1:
		op = &d[0]
	default:
		return 0, nil
	}
	if op.n == 0 || op.kind == Retain {
		return 0, nil
	}
	return at, op
}

// moveKeystroke returns where and how long the keystroke own at at is once over
// has been made at overAt, and reports whether it is still a keystroke: it is not
// when over inserts into what own deletes.
func moveKeystroke(at int, own *Op, overAt int, over *Op, overFirst bool) (movedTo, n int, ok bool) {
	n = own.n
	if over.kind == Delete {
		movedTo = afterDelete(at, overAt, over.n)
		if own.kind == Delete {
			n = afterDelete(at+n, overAt, over.n) - movedTo
		}
		return movedTo, n, true
	}
	if overAt < at || overAt == at && (overFirst || own.kind == Delete) {
		return at + over.n, n, true
	}
	return at, n, own.kind != Delete || overAt >= at+n
}

// afterDelete returns where the position at goes when n units from from on are
// deleted.
func afterDelete(at, from, n int) int { return at - min(max(at-from, 0), n) }

// appendKeystroke appends op, n units long, at at as a delta. Nothing is left of a
// delete of no units.
func appendKeystroke(dst Delta, at, n int, op *Op) Delta {
	if n == 0 {
		return dst
	}
	if at > 0 {
		dst = appendPlain(dst, Retain, at)
	}
	dst = appendCopy(dst, op)
	dst[len(dst)-1].n = n
	return dst
}
