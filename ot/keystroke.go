package ot

// keystroke is the delta that people make most: one insert or one delete, after a
// plain retain if it is not at the beginning. Two of them are transformed by a few
// comparisons; the answers are those of the general way.
type keystroke struct {
	at, n int
	op    *Op // the insert or delete; nil if the delta is something else
}

// keystrokeOf returns d as a keystroke, if it is one.
func keystrokeOf(d Delta) keystroke {
	var k keystroke
	switch len(d) {
	case 1:
		k.op = &d[0]
	case 2:
		if !d[0].isPlainRetain() {
			return keystroke{}
		}
		k.at, k.op = d[0].n, &d[1]
	default:
		return keystroke{}
	}
	if k.n = k.op.n; k.n == 0 || k.op.kind == Retain {
		return keystroke{}
	}
	return k
}

// follow changes k so that it applies after over, and reports whether it is still
// a keystroke: it is not when over inserts into what k deletes.
func (k *keystroke) follow(over keystroke, overFirst bool) bool {
	if over.op.kind == Delete {
		k.followDelete(over.at, over.at+over.n)
		return true
	}
	before := over.at < k.at || over.at == k.at && (overFirst || !k.op.inserts())
	if !before && k.op.kind == Delete && over.at < k.at+k.n {
		return false
	}
	if before {
		k.at += over.n
	}
	return true
}

// followDelete changes k so that it applies after the units from from up to but
// not including to were deleted.
func (k *keystroke) followDelete(from, to int) {
	if k.op.kind == Delete {
		k.n -= max(min(k.at+k.n, to)-max(k.at, from), 0)
	}
	if from < k.at {
		k.at -= min(k.at, to) - from
	}
}

// append appends k as a delta.
func (k *keystroke) append(dst Delta) Delta {
	if k.n == 0 {
		return dst
	}
	if k.at > 0 {
		dst = append(dst, Op{kind: Retain, n: k.at})
	}
	dst = append(dst, *k.op)
	dst[len(dst)-1].n = k.n
	return dst
}
