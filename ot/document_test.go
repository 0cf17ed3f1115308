package ot

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// TestDocumentAgreesWithCompose makes large documents by small changes, and
// compares them with what Compose makes of them; snapshots must not change.
func TestDocumentAgreesWithCompose(t *testing.T) {
	t.Parallel()
	g := bySeed(t)
	for _, steps := range []int{50, 350} {
		doc, model := NewDocument(), Delta{}
		var snapshots []*Document
		var models []Delta
		for i := range steps {
			change := wideChange(g, doc.Len(), i%40 == 39)
			if err := doc.Apply(change); err != nil {
				t.Fatalf("%v: %v", err, change)
			}
			model = Compose(model, change)
			checkTree(t, doc)
			if g.pick(20) == 0 {
				snapshots, models = append(snapshots, doc.Snapshot()), append(models, model)
			}
			if i%25 == 0 {
				mustEqual(t, doc.Delta(), model, change)
				checkReading(t, g, doc, model)
			}
		}
		mustEqual(t, doc.Delta(), model)
		for i := range snapshots {
			mustEqual(t, snapshots[i].Delta(), models[i])
		}
	}
}

// wideChange edits a few places anywhere, and sometimes much.
func wideChange(g generator, length int, much bool) Delta {
	var d Delta
	for range 1 + g.pick(4) {
		if length > 0 {
			skip := min(length, g.pick(length+1))
			d = append(d, RetainOp(skip, Attributes{}))
			length -= skip
		}
		span := min(length, 1+g.pick(6))
		if much {
			span = min(length, g.pick(3000))
		}
		switch g.pick(4) {
		case 0:
			d = append(d, DeleteOp(span))
			length -= span
		case 1:
			d = append(d, RetainOp(span, g.attributes()))
			length -= span
		case 2:
			d = append(d, g.insert(3))
		case 3:
			d = append(d, InsertText(strings.Repeat(g.text(30), 1+g.pick(20)), g.attributes()))
			if much {
				d = append(d, InsertText(strings.Repeat(g.text(60), 100), g.attributes()))
			}
		}
	}
	return d
}

// checkTree checks the invariants of the structure.
func checkTree(t *testing.T, doc *Document) {
	t.Helper()
	doc.tree.settle()
	var visit func(b *branch, depth int) int
	leafDepth := 0
	visit = func(b *branch, depth int) int {
		if len(b.sizes) > fanout || len(b.sizes) != len(b.kids)+len(b.leaves) || len(b.sizes) == 0 {
			t.Fatalf("node of %d sizes, %d kids, %d leaves", len(b.sizes), len(b.kids), len(b.leaves))
		}
		total := 0
		for i, size := range b.sizes {
			got := 0
			if b.kids != nil {
				got = visit(b.kids[i], depth+1)
			} else {
				got = checkLeaf(t, b.leaves[i], doc.Len())
				if leafDepth != 0 && leafDepth != depth {
					t.Fatalf("leaves at depth %d and %d", leafDepth, depth)
				}
				leafDepth = depth
			}
			if got != size {
				t.Fatalf("a child of %d units is listed with %d", got, size)
			}
			total += size
		}
		return total
	}
	if got := visit(doc.tree.root, 1); got != doc.Len() {
		t.Fatalf("%d units listed as %d", got, doc.Len())
	}
}

func checkLeaf(t *testing.T, l *leaf, length int) int {
	t.Helper()
	total := 0
	for i := range l.runs {
		total += l.runs[i].n
		if l.runs[i].n < 1 || i > 0 && l.runs[i-1].joins(&l.runs[i]) {
			t.Fatalf("runs %v", l.runs)
		}
		if _, inPair := byteOffset(l.text, total); inPair {
			t.Fatalf("a pair reaches over the end of a run")
		}
	}
	if total != l.units || unitCount(l.text) != l.units || l.units == 0 && length > 0 {
		t.Fatalf("%d units, %d in runs, %d in text", l.units, total, unitCount(l.text))
	}
	if len(l.text) > leafBytes+64 || len(l.runs) > leafRuns {
		t.Fatalf("leaf of %d bytes and %d runs", len(l.text), len(l.runs))
	}
	return total
}

// checkReading compares slices, texts and inverses.
func checkReading(t *testing.T, g generator, doc *Document, model Delta) {
	t.Helper()
	from := g.pick(doc.Len() + 1)
	to := from + g.pick(doc.Len()-from+1)
	want := Compose(model, Delta{DeleteOp(from), RetainOp(to-from, Attributes{}), DeleteOp(doc.Len() - to)})
	mustEqual(t, doc.Slice(from, to), want)
	var text []byte
	for i := range model {
		text = appendText(text, textOf(&model[i]))
	}
	if doc.Text() != string(text) {
		t.Fatalf("text is %q, want %q", doc.Text(), text)
	}
	suffix := string(doc.AppendText(nil, to, doc.Len()))
	if !doc.HasSuffix(suffix) || doc.HasSuffix("x"+doc.Text()) {
		t.Fatalf("%q does not end in %q", doc.Text(), suffix)
	}
	change := wideChange(g, doc.Len(), false)
	mustEqual(t, doc.Invert(change), Invert(change, model), change)
}

func TestApplyRefusesWhatDoesNotFit(t *testing.T) {
	for _, change := range []string{
		`[{"retain":3}]`, `[{"delete":3}]`, `[{"retain":3,"attributes":{"a":1}}]`,
		`[{"insert":"x"},{"delete":1},{"retain":2}]`, `[{"retain":2},{"insert":"Z"},{"delete":1}]`,
	} {
		doc, _ := DocumentFromDelta(mustDelta(`[{"insert":"ab"}]`))
		if err := doc.Apply(mustDelta(change)); !errors.Is(err, ErrPastEnd) || doc.Text() != "ab" {
			t.Errorf("%s: %v, text %q", change, err, doc.Text())
		}
	}
	if _, err := DocumentFromDelta(mustDelta(`[{"retain":1}]`)); !errors.Is(err, ErrNotDocument) {
		t.Error(err)
	}
}

// TestMemoryIsNearTheText writes a text from beginning to end, keystroke by
// keystroke and as one insert.
func TestMemoryIsNearTheText(t *testing.T) {
	const size = 1 << 20
	for name, piece := range map[string]int{"keystrokes": 1, "one insert": size} {
		text := strings.Repeat("x", piece)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		doc := NewDocument()
		for doc.Len() < size {
			if err := doc.Apply(Delta{RetainOp(doc.Len(), Attributes{}), InsertText(text, Attributes{})}); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		ratio := float64(after.HeapAlloc-before.HeapAlloc) / size
		t.Logf("%s: %.2f bytes per byte of text", name, ratio)
		if ratio > 1.5 {
			t.Errorf("%s: %.2f bytes per byte of text", name, ratio)
		}
		runtime.KeepAlive(doc)
		runtime.KeepAlive(text)
	}
}

// TestTypingAgreesWithCompose types and removes at a caret that wanders, as
// people do, which the structure treats apart.
func TestTypingAgreesWithCompose(t *testing.T) {
	g := bySeed(t)
	for range 5 {
		doc, model := NewDocument(), Delta{}
		caret := 0
		pending := Delta{}
		for i := range 1500 {
			var change Delta
			change, caret = nextKeystroke(g, doc.Len(), caret)
			if err := doc.Apply(change); err != nil {
				t.Fatalf("%v: %v", err, change)
			}
			pending = Compose(pending, change)
			if i%100 == 99 || g.pick(200) == 0 {
				model, pending = Compose(model, pending), Delta{}
				checkTree(t, doc)
				mustEqual(t, doc.Delta(), model, change)
			}
		}
	}
}

// nextKeystroke is what somebody with a caret does next, and where the caret is then.
func nextKeystroke(g generator, length, caret int) (Delta, int) {
	switch g.pick(10) {
	case 0:
		if g.pick(5) == 0 {
			caret = g.pick(length + 1)
		}
	case 1, 2, 3:
		if n := min(caret, 1+g.pick(3)); n > 0 {
			return Delta{RetainOp(caret-n, Attributes{}), DeleteOp(n)}, caret - n
		}
	case 4:
		if n := min(length-caret, 1+g.pick(2)); n > 0 {
			return Delta{RetainOp(caret, Attributes{}), DeleteOp(n)}, caret
		}
	case 5:
		op := g.insert(2)
		return Delta{RetainOp(caret, Attributes{}), op}, caret + op.Len()
	}
	op := InsertText("abcdefgh"[:1+g.pick(8)], Attributes{})
	return Delta{RetainOp(caret, Attributes{}), op}, caret + op.Len()
}

// TestSnapshotsAreReadWhileTheDocumentGoesOn has goroutines read and share
// snapshots meanwhile; the race detector watches.
func TestSnapshotsAreReadWhileTheDocumentGoesOn(t *testing.T) {
	g := bySeed(t)
	doc := NewDocument()
	var readers sync.WaitGroup
	defer readers.Wait()
	for range 30 {
		for range 20 {
			if err := doc.Apply(wideChange(g, doc.Len(), false)); err != nil {
				t.Fatal(err)
			}
		}
		snapshot, want := doc.Snapshot(), doc.Delta()
		for range 2 {
			readers.Go(func() {
				if got := snapshot.Snapshot().Delta(); !got.Equal(want) || snapshot.Len() != want.Len() {
					t.Errorf("got %v, want %v", got, want)
				}
				if !snapshot.HasSuffix("") || len(snapshot.Text()) < snapshot.Len()/2 {
					t.Error("text is cut short")
				}
			})
		}
	}
}
