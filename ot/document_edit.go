package ot

// insert puts op, an insert, in front of the unit at at.
func (t *tree) insert(at int, op Op) {
	if op.n == 0 {
		return
	}
	l := t.openEnding(at)
	if !l.fits(&op) && len(op.text) <= leafBytes/4 && at-t.start < l.units*3/4 {
		// Two half full leaves. At its end a full leaf is left full instead, so
		// that text written from beginning to end fills its leaves.
		t.addAfter(t.cutOpen(l.middle()))
		l = t.openEnding(at)
	}
	if !l.fits(&op) {
		t.insertLarge(at, op)
		return
	}
	l.insert(at-t.start, &op)
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
		if len(l.text) < leafBytes/4 {
			t.joinOpen()
		}
	}
}

// joinOpen joins the open leaf, which has become small, to the one after or
// before it under the same node, if together they are still at most half full.
func (t *tree) joinOpen() {
	bottom := &t.path[len(t.path)-1]
	node := bottom.node
	for _, left := range []int{bottom.index, bottom.index - 1} {
		if left < 0 || left+1 >= len(node.leaves) || !node.leaves[left].smallWith(node.leaves[left+1]) {
			continue
		}
		second := node.leaves[left+1]
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
