package ot

// typing is what is being written at one place of the open leaf and not in the
// leaf yet: moving the rest of the leaf for every keystroke is what would cost
// most. It has no room when nothing is being typed.
type typing struct {
	at      int    // where it begins
	removed int    // units of the leaf from there on that were deleted, one byte each
	text    []byte // in place of them; not canonical, like that of a leaf
	units   int    // of text
	attrs   Attributes
	room    int // bytes that text may grow to
}

// typingBytes is the most that is typed before it is placed.
const typingBytes = 128

// place does to the open leaf what has been typed.
func (t *tree) place() {
	ty := &t.typing
	if ty.room == 0 {
		return // nothing is written: readers of a snapshot come here at once
	}
	if ty.removed > 0 {
		t.open.delete(ty.at-t.start, ty.removed)
		t.grown -= ty.removed
	}
	if ty.units > 0 {
		insertInto(t.open, ty.at-t.start, ty.text, run{n: ty.units, attrs: ty.attrs})
		t.grown += ty.units
	}
	ty.units, ty.removed, ty.room = 0, 0, 0
}

// typeOn writes op where the last one ended, and reports whether it is that kind
// of op.
func (t *tree) typeOn(at int, op *Op) bool {
	ty := &t.typing
	if at != ty.at+ty.units || len(ty.text)+len(op.text) > ty.room || op.kind != Insert || op.attrs != ty.attrs {
		return false
	}
	if len(op.text) == 1 {
		ty.text = append(ty.text, op.text[0])
	} else {
		ty.text = append(ty.text, op.text...)
	}
	ty.units += op.n
	t.length += op.n
	return true
}

// typeBack removes n units in front of where the last op ended, and reports
// whether it can: what takes more than a byte it cannot tell apart, and the leaf
// must not become empty.
func (t *tree) typeBack(at, n int) bool {
	ty := &t.typing
	if at+n != ty.at+ty.units || ty.room == 0 || len(ty.text) != ty.units {
		return false
	}
	if n > ty.units {
		if at <= t.start || t.open.units != len(t.open.text) {
			return false
		}
		ty.at, ty.removed, ty.units = at, ty.removed+n-ty.units, n
	}
	ty.units -= n
	ty.text = ty.text[:ty.units]
	t.length -= n
	return true
}

// startTyping begins to write in front of the unit at at, in the open leaf, if
// there is room for it.
func (t *tree) startTyping(at int, attrs Attributes) {
	room := min(leafBytes-len(t.open.text), typingBytes)
	if len(t.open.runs) > leafRuns-runsPerEdit {
		room = 0
	}
	t.typing = typing{at: at, text: t.typing.text[:0], attrs: attrs, room: max(room, 0)}
}

// insert puts op, an insert, in front of the unit at at.
func (t *tree) insert(at int, op *Op) {
	if op.n == 0 || t.typeOn(at, op) {
		return
	}
	t.place()
	t.joinSmall()
	l := t.openEnding(at)
	if !l.fits(op) && len(op.text) <= leafBytes/4 && at-t.start < l.units*3/4 {
		// Two half full leaves. At its end a full leaf is left full instead, so
		// that text written from beginning to end fills its leaves.
		t.addAfter(t.cutOpen(l.middle()))
		l = t.openEnding(at)
	}
	t.startTyping(at, op.attrs)
	if t.typeOn(at, op) {
		return
	}
	t.place()
	if !l.fits(op) {
		t.insertLarge(at, *op)
		return
	}
	l.insert(at-t.start, op)
	t.grow(op.n)
}

// insertLarge inserts what the open leaf has no room for: it fills that leaf up
// to at, then as many new ones as it takes.
func (t *tree) insertLarge(at int, op Op) {
	rest := t.cutOpen(at - t.start)
	for op.n > 0 {
		room := leafBytes - len(t.open.text)
		if room < leafBytes/4 || len(t.open.runs) > leafRuns-runsPerEdit {
			l := &leaf{mark: t.mark}
			head := op.take(unitsWithin(&op, leafBytes))
			l.insert(0, &head)
			t.addAfter(l)
			continue
		}
		head := op.take(unitsWithin(&op, room))
		t.open.insert(t.open.units, &head)
		t.grow(head.n)
	}
	switch {
	case rest.units == 0:
	case t.open.canHold(rest):
		t.open.append(rest)
		t.grow(rest.units)
	default:
		t.addAfter(rest)
	}
}

// cutOpen takes the units from at on out of the open leaf and returns them as a
// leaf of their own.
func (t *tree) cutOpen(at int) *leaf {
	rest := t.open.split(at)
	t.grow(-rest.units)
	return rest
}

// delete removes n units, which must be there, from at on.
func (t *tree) delete(at, n int) {
	if n == 0 || t.typeBack(at, n) {
		return
	}
	t.place()
	for n > 0 {
		l := t.openHolding(at)
		part := min(n, t.start+l.units-at)
		n -= part
		if part == l.units && part < t.length {
			t.removeOpen()
			continue
		}
		l.delete(at-t.start, part)
		t.grow(-part)
		if n > 0 {
			t.joinSmall()
		}
	}
	if t.joinSmall(); t.open != nil {
		t.startTyping(at, Attributes{})
	}
}

// joinSmall joins the open leaf, if it has become small, to the one after or
// before it under the same node, if together they are still at most half full.
func (t *tree) joinSmall() {
	if t.open == nil || len(t.open.text) >= leafBytes/4 {
		return
	}
	bottom := &t.path[len(t.path)-1]
	node := bottom.node
	for _, left := range []int{bottom.index, bottom.index - 1} {
		if left < 0 || left+1 >= len(node.leaves) || !node.leaves[left].smallWith(node.leaves[left+1]) {
			continue
		}
		second := node.leaves[left+1]
		t.settle()
		node.ownLeaf(left, t.mark).append(second)
		node.sizes[left] += second.units
		node.remove(left + 1)
		if above := len(t.path) - 2; above >= 0 && len(node.sizes) < fanout/4 {
			t.path[above].node.joinKid(t.path[above].index, t.mark)
		}
		t.close()
		return
	}
}

// format composes attrs onto the n units, which must be there, from at on.
func (t *tree) format(at, n int, attrs Attributes) {
	t.place()
	for n > 0 {
		l := t.openHolding(at)
		if len(l.runs) > leafRuns-runsPerEdit {
			t.addAfter(t.cutOpen(l.middle()))
			l = t.openHolding(at)
		}
		part := min(n, t.start+l.units-at)
		l.format(at-t.start, part, attrs)
		at += part
		n -= part
	}
}
