package history

import (
	"cmp"
	"slices"

	"github.com/quire-editor/quire/ot"
)

// Timeline knows of a whole document which edits it is made of, and of each unit
// which edit it came from. It is built by reading the log once and then kept up
// to date by reading what is new. It holds no text. It is not safe for concurrent
// use.
type Timeline struct {
	first    uint64
	revision uint64
	groups   Grouper
	blame    *ot.Blame
	// marks are states of blame from which those in between are built, spacing
	// revisions apart.
	marks   []mark
	spacing uint64
}

type mark struct {
	revision uint64
	blame    *ot.Blame
}

const (
	// markSpacing is how far apart marks are at first, in revisions; it doubles
	// whenever there are more than maxMarks.
	markSpacing = 4 * Stretch
	maxMarks    = 16
)

// Unknown is the edit of text older than the records that are kept.
const Unknown = ^uint64(0)

// NewTimeline begins at the oldest record that is kept.
func NewTimeline(log Log, first uint64) (*Timeline, error) {
	t := &Timeline{first: first, revision: first, spacing: markSpacing}
	length := 0
	if first > 0 {
		text, err := log.At(first)
		if err != nil {
			return nil, err
		}
		length = text.Len()
	}
	t.blame = ot.NewBlame(length, ot.Origin{Revision: Unknown})
	t.marks = []mark{{first, t.blame.Clone()}}
	return t, nil
}

// First is the oldest record that it knows of, Revision how many.
func (t *Timeline) First() uint64    { return t.first }
func (t *Timeline) Revision() uint64 { return t.revision }

// Advance reads the records up to a revision.
func (t *Timeline) Advance(log Log, to uint64) error {
	if to <= t.revision {
		return nil
	}
	return log.Steps(t.revision, to, func(s *Step) error {
		length := t.blame.Len()
		edit := t.groups.Edits[t.groups.Add(s, length)].From
		if err := t.blame.Apply(s.on(length), ot.Origin{Revision: edit}); err != nil {
			return err
		}
		t.revision = s.Revision + 1
		if t.revision >= t.marks[len(t.marks)-1].revision+t.spacing {
			t.mark()
		}
		return nil
	})
}

// mark keeps the present blame, and every other one if they have become too many.
func (t *Timeline) mark() {
	t.marks = append(t.marks, mark{t.revision, t.blame.Clone()})
	if len(t.marks) <= maxMarks {
		return
	}
	half := t.marks[:0]
	for i := 0; i < len(t.marks); i += 2 {
		half = append(half, t.marks[i])
	}
	clear(t.marks[len(half):])
	t.marks = half
	t.spacing *= 2
}

// Edits are all edits, in order of From.
func (t *Timeline) Edits() []Edit { return t.groups.Edits }

// Edit returns the edit that begins at a revision.
func (t *Timeline) Edit(from uint64) (Edit, bool) {
	i, ok := slices.BinarySearchFunc(t.groups.Edits, from, func(e Edit, from uint64) int { return cmp.Compare(e.From, from) })
	if !ok {
		return Edit{}, false
	}
	return t.groups.Edits[i], true
}

// Blame returns the origins of all units at a revision up to the timeline's; the
// Revision of each is the From of an edit, or Unknown. It must not be changed.
func (t *Timeline) Blame(log Log, revision uint64) (*ot.Blame, error) {
	if revision == t.revision {
		return t.blame, nil
	}
	i, _ := slices.BinarySearchFunc(t.marks, revision+1, func(m mark, r uint64) int { return cmp.Compare(m.revision, r) })
	from := t.marks[max(i-1, 0)]
	blame := from.blame.Clone()
	// An edit may have begun before the mark: the records since the beginning of its stretch tell which one goes on.
	edits := t.editsSince(from.revision / Stretch * Stretch)
	err := log.Steps(from.revision, revision, func(s *Step) error {
		return blame.Apply(s.on(blame.Len()), ot.Origin{Revision: edits.of(s)})
	})
	return blame, err
}

// running finds the edit of each of the steps that are given to it in order.
type running struct {
	edits []Edit
	// current holds for each author the edit at work.
	current map[string]*Edit
}

func (t *Timeline) editsSince(revision uint64) *running {
	i, _ := slices.BinarySearchFunc(t.groups.Edits, revision, func(e Edit, from uint64) int { return cmp.Compare(e.From, from) })
	return &running{t.groups.Edits[i:], map[string]*Edit{}}
}

func (r *running) of(s *Step) uint64 {
	for len(r.edits) > 0 && r.edits[0].From <= s.Revision {
		r.current[r.edits[0].Author] = &r.edits[0]
		r.edits = r.edits[1:]
	}
	return r.current[s.Author].From
}

// Bar is one of the equal parts into which a strip divides the records: who
// changed most there, and how many records.
type Bar struct {
	Author  string
	Changes int
}

// Strip summarises the records that are kept in up to n bars.
func (t *Timeline) Strip(n int) []Bar {
	total := t.revision - t.first
	n = min(n, int(total))
	bars := make([]Bar, n)
	if n == 0 {
		return bars
	}
	counts := make([]map[string]float64, n)
	for i := range counts {
		counts[i] = map[string]float64{}
	}
	width := float64(total) / float64(n)
	for _, e := range t.groups.Edits {
		from, to := float64(e.From-t.first)/width, float64(e.To-t.first)/width
		perBar := float64(e.Changes) / (to - from)
		for i := int(from); i < n && float64(i) < to; i++ {
			share := min(to, float64(i+1)) - max(from, float64(i))
			counts[i][e.Author] += share * perBar
		}
	}
	for i, authors := range counts {
		most := 0.0
		for author, changes := range authors {
			if changes > most || changes == most && author < bars[i].Author {
				most, bars[i].Author = changes, author
			}
		}
		bars[i].Changes = int(float64(i+1)*width) - int(float64(i)*width)
	}
	return bars
}
