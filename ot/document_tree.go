package ot

import "slices"

// tree holds a document as a B+ tree of leaves of text, found by their position.
// It is persistent: every node carries the mark of the tree that made it, and a
// tree changes its own nodes in place and copies others before it changes them.
//
// Edits come in bursts at one place, so the leaf last changed stays open, with
// the path to it: a keystroke next to the one before searches nothing.
//
// Invariants: no leaf is empty unless the document is; sizes are the units below,
// but for what the open leaf has grown by since it was opened; every node on the
// path and the open leaf belong to this tree. Before anything but typing looks at
// the open leaf, what is being typed is placed in it.
type tree struct {
	root   *branch
	length int
	mark   *treeMark // nil as long as no node is this tree's own

	path  []step // from the root to the open leaf
	open  *leaf  // nil if none is open
	start int    // position of the open leaf's first unit
	grown int    // units the open leaf has gained that the nodes above do not know of

	typing typing
}

// treeMark says who may change a node; only its address means anything.
type treeMark struct{ _ byte }

// step is one node on the way down, and which way it goes on.
type step struct {
	node  *branch
	index int
}

// branch is an inner node. It has leaves at the lowest level and kids above.
type branch struct {
	mark   *treeMark
	sizes  []int
	kids   []*branch
	leaves []*leaf
}

// fanout is the largest number of children of a node.
const fanout = 32

func newTree() tree {
	mark := new(treeMark)
	root := &branch{mark: mark, sizes: []int{0}, leaves: []*leaf{{mark: mark}}}
	return tree{root: root, mark: mark}
}

// share returns a tree with the same content; from now on both copy what they
// change. Sharing a tree that was not changed since it was shared writes nothing,
// so that several goroutines may do it at once.
func (t *tree) share() tree {
	if t.mark != nil {
		t.close()
		t.mark = nil
	}
	return tree{root: t.root, length: t.length}
}

// settle places what is being typed, and tells the nodes above the open leaf how
// large it is now.
func (t *tree) settle() {
	t.place()
	if t.grown == 0 {
		return
	}
	for _, s := range t.path {
		s.node.sizes[s.index] += t.grown
	}
	t.grown = 0
}

// close forgets the open leaf, as must be done when the way to it changes.
func (t *tree) close() {
	t.settle()
	t.path, t.open = t.path[:0], nil
}

// openEnding opens the leaf that holds the unit before at, where an insert at at
// goes on with what was written before.
func (t *tree) openEnding(at int) *leaf {
	if t.open == nil || at < t.start || at > t.start+t.open.units || at == t.start && at > 0 {
		t.descend(max(at-1, 0))
	}
	return t.open
}

// openHolding opens the leaf that holds the unit at at.
func (t *tree) openHolding(at int) *leaf {
	if t.open == nil || at < t.start || at >= t.start+t.open.units {
		t.descend(at)
	}
	return t.open
}

// descend opens the leaf that holds the unit at at, and makes the way to it this
// tree's own.
func (t *tree) descend(at int) {
	t.close()
	if t.mark == nil {
		t.mark = new(treeMark)
	}
	if t.root.mark != t.mark {
		t.root = t.root.clone(t.mark)
	}
	node := t.root
	t.start = 0
	for {
		index := 0
		for last := len(node.sizes) - 1; index < last && at >= node.sizes[index]; index++ {
			at -= node.sizes[index]
			t.start += node.sizes[index]
		}
		t.path = append(t.path, step{node, index})
		if node.kids == nil {
			t.open = node.ownLeaf(index, t.mark)
			return
		}
		node = node.ownKid(index, t.mark)
	}
}

// grow notes that the open leaf has become n units longer; n may be negative.
func (t *tree) grow(n int) {
	t.grown += n
	t.length += n
}

// addAfter puts l, which is not empty, after the open leaf and opens it.
func (t *tree) addAfter(l *leaf) {
	t.settle()
	end := t.start + t.open.units + l.units
	bottom := t.path[len(t.path)-1]
	bottom.node.leaves = slices.Insert(bottom.node.leaves, bottom.index+1, l)
	bottom.node.sizes = slices.Insert(bottom.node.sizes, bottom.index+1, l.units)
	for _, s := range t.path[:len(t.path)-1] {
		s.node.sizes[s.index] += l.units
	}
	t.length += l.units
	t.splitFull()
	t.open = nil
	t.descend(end - 1)
}

// splitFull splits the nodes on the path that have become too large. The path is
// not valid afterwards.
func (t *tree) splitFull() {
	for level := len(t.path) - 1; level >= 0; level-- {
		node := t.path[level].node
		if len(node.sizes) <= fanout {
			return
		}
		right := node.split()
		if level == 0 {
			t.root = &branch{
				mark:  t.mark,
				sizes: []int{node.total(), right.total()},
				kids:  []*branch{node, right},
			}
			return
		}
		above := t.path[level-1]
		above.node.sizes[above.index] = node.total()
		above.node.kids = slices.Insert(above.node.kids, above.index+1, right)
		above.node.sizes = slices.Insert(above.node.sizes, above.index+1, right.total())
	}
}

// removeOpen removes the open leaf and every node that becomes empty by that, and
// joins nodes that have become small to a neighbour. No leaf is open afterwards.
func (t *tree) removeOpen() {
	t.grow(-t.open.units)
	t.settle()
	level := len(t.path) - 1
	for ; level > 0 && len(t.path[level].node.sizes) == 1; level-- {
		continue // the whole node goes
	}
	t.path[level].node.remove(t.path[level].index)
	if level > 0 && len(t.path[level].node.sizes) < fanout/4 {
		t.path[level-1].node.joinKid(t.path[level-1].index, t.mark)
	}
	for len(t.root.kids) == 1 {
		t.root = t.root.kids[0]
	}
	t.close()
}

// walk calls fn for every leaf that holds units from from up to to, with the part
// that is meant, until fn returns false. It writes nothing if no leaf is open.
func (t *tree) walk(from, to int, fn func(l *leaf, from, to int) bool) {
	t.settle()
	if from, to = max(from, 0), min(to, t.length); from < to {
		t.root.walk(from, to, fn)
	}
}

func (b *branch) walk(from, to int, fn func(l *leaf, from, to int) bool) bool {
	for i, size := range b.sizes {
		if to <= 0 {
			return true
		}
		if from < size {
			lo, hi := max(from, 0), min(to, size)
			if b.kids != nil && !b.kids[i].walk(lo, hi, fn) || b.kids == nil && !fn(b.leaves[i], lo, hi) {
				return false
			}
		}
		from -= size
		to -= size
	}
	return true
}

func (b *branch) clone(mark *treeMark) *branch {
	return &branch{
		mark:   mark,
		sizes:  slices.Clone(b.sizes),
		kids:   slices.Clone(b.kids),
		leaves: slices.Clone(b.leaves),
	}
}

// ownKid returns the child at index, copied first if another tree made it.
func (b *branch) ownKid(index int, mark *treeMark) *branch {
	if kid := b.kids[index]; kid.mark != mark {
		b.kids[index] = kid.clone(mark)
	}
	return b.kids[index]
}

// ownLeaf returns the leaf at index, copied first if another tree made it.
func (b *branch) ownLeaf(index int, mark *treeMark) *leaf {
	if l := b.leaves[index]; l.mark != mark {
		b.leaves[index] = l.clone(mark)
	}
	return b.leaves[index]
}

func (b *branch) total() int {
	n := 0
	for _, size := range b.sizes {
		n += size
	}
	return n
}

// split cuts the node's second half off and returns it.
func (b *branch) split() *branch {
	half := len(b.sizes) / 2
	right := &branch{mark: b.mark, sizes: slices.Clone(b.sizes[half:])}
	b.sizes = b.sizes[:half]
	if b.kids != nil {
		right.kids = slices.Clone(b.kids[half:])
		clear(b.kids[half:])
		b.kids = b.kids[:half]
	} else {
		right.leaves = slices.Clone(b.leaves[half:])
		clear(b.leaves[half:])
		b.leaves = b.leaves[:half]
	}
	return right
}

// remove takes out the child at index.
func (b *branch) remove(index int) {
	b.sizes = slices.Delete(b.sizes, index, index+1)
	if b.kids != nil {
		b.kids = slices.Delete(b.kids, index, index+1)
	} else {
		b.leaves = slices.Delete(b.leaves, index, index+1)
	}
}

// joinKid joins the child at index, which has few children, to a neighbour with
// which it stays well below the fanout.
func (b *branch) joinKid(index int, mark *treeMark) {
	for _, left := range []int{index, index - 1} {
		if left < 0 || left+1 >= len(b.kids) {
			continue
		}
		first, second := b.kids[left], b.kids[left+1]
		if len(first.sizes)+len(second.sizes) > fanout*3/4 {
			continue
		}
		first = b.ownKid(left, mark)
		first.sizes = append(first.sizes, second.sizes...)
		first.kids = append(first.kids, second.kids...)
		first.leaves = append(first.leaves, second.leaves...)
		b.sizes[left] += b.sizes[left+1]
		b.remove(left + 1)
		return
	}
}
