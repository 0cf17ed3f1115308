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
// attributes of both deltas meet. Keystrokes are carried here, and everything else
// by appendTransform.
func AppendTransform(dst Delta, a, b Delta, aFirst bool) Delta {
	overAt, over := keystrokeOf(a)
	at, own := keystrokeOf(b)
	if over == nil || own == nil || cap(dst)-len(dst) < 2 {
		return appendTransform(dst, a, b, aFirst)
	}
	n := own.n
	switch {
	case over.kind == Delete:
		end := afterDelete(at+n, overAt, over.n)
		at = afterDelete(at, overAt, over.n)
		if own.kind == Delete {
			n = end - at
		}
	case overAt < at || overAt == at && (aFirst || own.kind == Delete):
		at += over.n
	case own.kind == Delete && overAt < at+n: // what is inserted parts what is deleted
		return appendTransform(dst, a, b, aFirst)
	}
	if n == 0 {
		return dst // over deleted all of what own does
	}
	dst = dst[:len(dst)+1]
	if at > 0 {
		kept := &dst[len(dst)-1]
		kept.text, kept.attrs, kept.n, kept.kind = "", Attributes{}, at, Retain
		dst = dst[:len(dst)+1]
	}
	part := &dst[len(dst)-1]
	part.text, part.attrs, part.n, part.kind = own.text, own.attrs, n, own.kind
	return dst
}

// appendTransform is AppendTransform for deltas of any form. It goes through a, op
// by op, and with each through as much of b as that op is about. Where it is in b
// is kept in plain variables, because those stay in registers.
func appendTransform(dst Delta, a, b Delta, aFirst bool) Delta {
	out := newBuilder(dst)
	var own *Op  // the op of b that is being read
	ownLeft := 0 // units of own still ahead; none if it inserts, for it is then read whole
	next := 0    // index in b of the op behind own
	for i := range a {
		over := &a[i]
		if over.inserts() {
			for ; !aFirst && ownLeft == 0 && next < len(b) && !b[next].covers(); next++ {
				out.push(&b[next])
			}
			out.retain(over.n)
			continue
		}
		for left := over.n; left > 0; {
			if ownLeft == 0 {
				if next == len(b) {
					return out.finish()
				}
				own = &b[next]
				next++
				if !own.covers() {
					out.push(own)
					continue
				}
				ownLeft = own.n
			}
			n := min(left, ownLeft)
			left -= n
			ownLeft -= n
			switch {
			case over.kind == Delete: // nothing is left to do to these units
			case own.kind == Delete:
				out.delete(n)
			case own.attrs.set == nil:
				out.retain(n)
			default:
				out.format(n, transformAttributes(over.attrs, own.attrs, aFirst))
			}
		}
	}
	if ownLeft > 0 {
		out.push(&Op{kind: own.kind, n: ownLeft, attrs: own.attrs})
	}
	for ; next < len(b); next++ {
		out.push(&b[next])
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
