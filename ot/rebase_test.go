package ot

import "testing"

// oneByOne is Rebase as it is defined.
func oneByOne(d Delta, over []Delta) Delta {
	for _, c := range over {
		d = Transform(c, d, true)
	}
	return d
}

// TestRebaseIsTransformingOneByOne carries deltas of all sizes over others, with
// chunks so small that every seam is met.
func TestRebaseIsTransformingOneByOne(t *testing.T) {
	g := bySeed(t)
	for range 1500 {
		g.rough = g.pick(2) == 0
		length := g.pick(20)
		d := g.change(length, 1+g.pick(30))
		var over []Delta
		for now := length; len(over) < 1+g.pick(20); {
			change := g.change(now, 1+g.pick(5))
			over = append(over, change)
			now += change.ChangeLen()
		}
		checkCarry(t, d, over, 1+g.pick(4))
	}
}

// TestLargeRebaseIsTransformingOneByOne has documents long enough for full
// chunks.
func TestLargeRebaseIsTransformingOneByOne(t *testing.T) {
	g := bySeed(t)
	for range 2 {
		g.rough = g.pick(2) == 0
		const length = 3000
		d := g.change(length, 1500)
		var over []Delta
		for now := length; len(over) < 200; {
			change := wideChange(g, now, len(over)%50 == 49)
			over = append(over, change)
			now += change.ChangeLen()
		}
		checkCarry(t, d, over, carryChunk)
		mustEqual(t, Rebase(d, over), oneByOne(d, over))
	}
}

func checkCarry(t *testing.T, d Delta, over []Delta, chunk int) {
	t.Helper()
	c := NewCarry(d)
	c.left.chunk, c.right.chunk = chunk, chunk
	want := d
	for i := range over {
		c.Over(over[i])
		want = Transform(over[i], want, true)
		if i%7 == 0 || i == len(over)-1 {
			mustEqual(t, c.Delta(), want, append([]Delta{d}, over[:i+1]...)...)
		}
	}
}

func TestRebaseOverNothingChangesNothing(t *testing.T) {
	d := mustDelta(`[{"delete":1},{"insert":"a"},{"insert":"b"},{"retain":3}]`)
	mustEqual(t, Rebase(d, nil), d)
	mustEqual(t, NewCarry(d).Delta(), d)
}

// TestRebaseIsNotOverTheComposition keeps the smallest case where carrying over
// the composed history, which is another function, gives another document.
func TestRebaseIsNotOverTheComposition(t *testing.T) {
	over := []Delta{mustDelta(`[{"retain":1},{"insert":"X"}]`), mustDelta(`[{"delete":1}]`)}
	d := mustDelta(`[{"insert":"u"}]`)
	mustEqual(t, Rebase(d, over), mustDelta(`[{"insert":"u"}]`))
	composed := Compose(over[0], over[1])
	mustEqual(t, Transform(composed, d, true), mustDelta(`[{"retain":1},{"insert":"u"}]`))
}
