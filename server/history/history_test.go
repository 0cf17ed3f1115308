package history

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quire-editor/quire/ot"
)

// memory is a log in memory.
type memory struct {
	steps []Step
	texts []*ot.Document // before each step, and at the end
}

func newMemory() *memory { return &memory{texts: []*ot.Document{ot.NewDocument()}} }

func (m *memory) head() uint64 { return uint64(len(m.steps)) }

func (m *memory) text() *ot.Document { return m.texts[len(m.steps)] }

func (m *memory) At(revision uint64) (*ot.Document, error) { return m.texts[revision].Snapshot(), nil }

func (m *memory) Steps(from, to uint64, fn func(*Step) error) error {
	for i := from; i < to; i++ {
		if err := fn(&m.steps[i]); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) add(t testing.TB, s Step) {
	t.Helper()
	s.Revision = m.head()
	text := m.text().Snapshot()
	if err := text.Apply(s.on(text.Len())); err != nil {
		t.Fatalf("step %d %v: %v", s.Revision, s.Delta, err)
	}
	m.steps = append(m.steps, s)
	m.texts = append(m.texts, text)
}

// random is a run of a randomised test; a failure names the seed.
type random struct {
	*rand.Rand
	clock int64
}

// randomised runs a test with many seeds. QUIRE_SEED in its failure's message runs one again.
func randomised(t *testing.T, n int, test func(t *testing.T, r *random)) {
	t.Helper()
	base := rand.Uint64()
	for i := range n {
		seed := base + uint64(i)
		if seedAgain != 0 {
			seed = seedAgain
		}
		failed := !t.Run(fmt.Sprint(seed), func(t *testing.T) {
			test(t, &random{Rand: rand.New(rand.NewPCG(seed, 0)), clock: 1_700_000_000_000})
		})
		if failed || seedAgain != 0 {
			t.Logf("again: go test ./server/history -run '^%s$' -history.seed %d", t.Name(), seed)
			return
		}
	}
}

var authors = []string{"ann", "ben", "cid"}

// letters repeat seldom, so that texts are told apart.
const letters = "abcdefghijklmnopqrstuvwxyzäöü漢字ABCDEFGHIJKLMNOPQRSTUVWXYZ"

func (r *random) word() string {
	runes := []rune(letters)
	word := make([]rune, 1+r.IntN(4))
	for i := range word {
		word[i] = runes[r.IntN(len(runes))]
	}
	return string(word)
}

func (r *random) attributes() ot.Attributes {
	all := []string{`{"bold":true}`, `{"bold":null}`, `{"color":"red"}`, `{"color":"blue","bold":true}`, `{"color":null}`}
	a, _ := ot.ParseAttributes(all[r.IntN(len(all))])
	return a
}

// delta is a random change of a text of the given length.
func (r *random) delta(length int) ot.Delta {
	var d ot.Delta
	for at := 0; ; {
		skip := r.IntN(length - at + 1)
		d = append(d, ot.RetainOp(skip, ot.Attributes{}))
		at += skip
		n := min(1+r.IntN(5), length-at)
		switch r.IntN(6) {
		case 0, 1, 2:
			d = append(d, ot.InsertText(r.word(), ot.Attributes{}))
		case 3:
			op, _ := ot.InsertEmbed(fmt.Sprintf(`{"image":"%d"}`, r.IntN(1000)), ot.Attributes{})
			d = append(d, op)
		case 4:
			if n > 0 {
				d = append(d, ot.RetainOp(n, r.attributes()))
				at += n
			}
		}
		if n = min(n, length-at); r.IntN(2) == 0 {
			d = append(d, ot.DeleteOp(n))
			at += n
		}
		if at >= length || r.IntN(3) > 0 {
			return ot.Normalize(d)
		}
	}
}

// step is a random change by somebody.
func (r *random) step(m *memory) Step {
	r.clock += int64(r.IntN(3000))
	if r.IntN(20) == 0 {
		r.clock += 2 * Pause
	}
	if r.IntN(100) == 0 {
		r.clock -= 5 * Pause // somebody sets the clock
	}
	s := Step{Author: authors[r.IntN(len(authors))], Time: r.clock}
	if r.IntN(60) == 0 {
		s.Clears = true
	} else {
		s.Delta = r.delta(m.text().Len())
	}
	return s
}

func (r *random) log(t *testing.T, n int) *memory {
	m := newMemory()
	for range n {
		m.add(t, r.step(m))
	}
	return m
}

func equalTexts(a, b *ot.Document) bool { return a.Delta().Equal(b.Delta()) }

func TestComparisonOfTwoRevisionsLeadsFromOneToTheOther(t *testing.T) {
	randomised(t, 300, func(t *testing.T, r *random) {
		m := r.log(t, 1+r.IntN(80))
		from := uint64(r.IntN(len(m.steps) + 1))
		to := from + uint64(r.IntN(len(m.steps)+1-int(from)))
		ledger, err := Compare(m, from, to)
		if err != nil {
			t.Fatal(err)
		}
		forth, back := m.texts[from].Snapshot(), m.texts[to].Snapshot()
		if err := forth.Apply(ledger.Between()); err != nil || !equalTexts(forth, m.texts[to]) {
			t.Fatalf("from %d to %d: %v leads to\n%v, want\n%v (%v)", from, to, ledger.Between(), forth.Delta(), m.texts[to].Delta(), err)
		}
		if err := back.Apply(ledger.Undo()); err != nil || !equalTexts(back, m.texts[from]) {
			t.Fatalf("from %d back to %d: %v leads to\n%v, want\n%v (%v)", to, from, ledger.Undo(), back.Delta(), m.texts[from].Delta(), err)
		}
		checkRuns(t, ledger, m.texts[from].Len(), m.texts[to].Len())
	})
}

// checkRuns: the runs of a comparison cover both texts.
func checkRuns(t *testing.T, ledger *Ledger, before, after int) {
	t.Helper()
	for _, run := range ledger.Runs() {
		switch {
		case run.Removed != nil:
			before -= run.Len
		case run.Added:
			after -= run.Len
		default:
			before -= run.Len
			after -= run.Len
		}
	}
	if before != 0 || after != 0 {
		t.Fatalf("the runs leave %d units of the text before and %d of the text after", before, after)
	}
}

// cell is a unit of the naive model: who inserted it, and who deleted it.
type cell struct {
	op       ot.Op
	inserted uint64 // revision
	deleted  bool
	by       string // who deleted it, within the range
}

// cells is the text as a list of units that were ever there, gone ones included.
type cells []cell

func (c cells) visible() (d ot.Delta) {
	for i := range c {
		if !c[i].deleted {
			d = append(d, c[i].op)
		}
	}
	return ot.Normalize(d)
}

// place is the index of the cell behind the first n visible ones, before what is gone there.
func (c cells) place(n int) int {
	for i := range c {
		if n == 0 {
			return i
		}
		if !c[i].deleted {
			n--
		}
	}
	return len(c)
}

func units(op ot.Op) (list []ot.Op) {
	for op.Len() > 0 {
		var one ot.Op
		one, op = op.Split(1)
		list = append(list, one)
	}
	return list
}

// TestBlameEqualsOneKeptForEachCharacter compares edits and blame with a model that keeps an author and a revision for each unit.
func TestBlameEqualsOneKeptForEachCharacter(t *testing.T) {
	randomised(t, 100, func(t *testing.T, r *random) {
		m := r.log(t, 1+r.IntN(150))
		timeline, err := NewTimeline(m, 0)
		if err != nil {
			t.Fatal(err)
		}
		timeline.spacing = 16 // marks are made and thinned out
		for timeline.Revision() < m.head() {
			if err := timeline.Advance(m, min(m.head(), timeline.Revision()+uint64(1+r.IntN(30)))); err != nil {
				t.Fatal(err)
			}
		}
		owner := map[uint64]uint64{} // revision -> first revision of its edit
		for _, group := range naiveGroups(m.steps) {
			for _, revision := range group {
				owner[revision] = group[0]
			}
		}
		var model []uint64 // of each unit the revision that inserted it
		for revision := uint64(0); ; revision++ {
			checkBlame(t, m, timeline, revision, model, owner)
			if revision == m.head() {
				break
			}
			model = applyModel(model, m.steps[revision].on(len(model)), revision)
		}
	})
}

func applyModel(model []uint64, d ot.Delta, revision uint64) []uint64 {
	at := 0
	for _, op := range d {
		switch {
		case op.IsInsert():
			model = slices.Insert(model, at, slices.Repeat([]uint64{revision}, op.Len())...)
			at += op.Len()
		case op.Kind() == ot.Delete:
			model = slices.Delete(model, at, at+op.Len())
		default:
			at += op.Len()
		}
	}
	return model
}

func checkBlame(t *testing.T, m *memory, timeline *Timeline, revision uint64, model []uint64, owner map[uint64]uint64) {
	t.Helper()
	blame, err := timeline.Blame(m, revision)
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for run := range blame.Runs(0, blame.Len()) {
		edit, ok := timeline.Edit(run.Origin.Revision)
		for range run.Len {
			if at >= len(model) || !ok || edit.From != owner[model[at]] || edit.Author != m.steps[model[at]].Author {
				t.Fatalf("at revision %d unit %d is said to be of edit %v", revision, at, edit)
			}
			at++
		}
	}
	if at != len(model) {
		t.Fatalf("at revision %d blame covers %d units of %d", revision, at, len(model))
	}
}

// naiveGroups is the rule for edits once more: for each step, whether it goes on with its author's last one.
func naiveGroups(steps []Step) (groups [][]uint64) {
	for i := range steps {
		joined := false
		for g := len(groups) - 1; g >= 0 && !steps[i].Restores; g-- {
			first, latest := steps[groups[g][0]], int64(0)
			for _, revision := range groups[g] {
				latest = max(latest, steps[revision].Time)
			}
			if first.Author != steps[i].Author {
				continue
			}
			if !first.Restores && first.Revision/Stretch == uint64(i)/Stretch && steps[i].Time < latest+Pause {
				groups[g] = append(groups[g], uint64(i))
				joined = true
			}
			break
		}
		if !joined {
			groups = append(groups, []uint64{uint64(i)})
		}
	}
	return groups
}

func TestPagesOfEditsAreTheWholeList(t *testing.T) {
	randomised(t, 5, func(t *testing.T, r *random) {
		m := newMemory()
		for range 3*Stretch + r.IntN(Stretch) {
			r.clock += int64(r.IntN(3000))
			if r.IntN(200) == 0 {
				r.clock += 2 * Pause
			}
			m.add(t, Step{Author: authors[r.IntN(3)], Time: r.clock, Restores: r.IntN(1000) == 0, Delta: ot.Delta{ot.InsertText("x", ot.Attributes{})}})
		}
		first := uint64(r.IntN(2 * Stretch))
		whole := Grouper{}
		if err := m.Steps(first, m.head(), func(s *Step) error { whole.Add(s, 0); return nil }); err != nil {
			t.Fatal(err)
		}
		var down, up []Edit
		for next := m.head(); ; {
			page, err := EditsBefore(m, first, m.head(), next, 7)
			if err != nil || len(page.Edits) > 7 {
				t.Fatal(page, err)
			}
			down = append(down, page.Edits...)
			if next = page.Next; !page.More {
				break
			}
		}
		for next := uint64(0); ; {
			page, err := EditsFrom(m, first, m.head(), next, 5)
			if err != nil || len(page.Edits) > 5 {
				t.Fatal(page, err)
			}
			up = append(up, page.Edits...)
			if next = page.Next; !page.More {
				break
			}
		}
		slices.Reverse(down)
		if !slices.Equal(down, whole.Edits) || !slices.Equal(up, whole.Edits) {
			t.Fatalf("%d edits downwards, %d upwards, want %d", len(down), len(up), len(whole.Edits))
		}
	})
}
