package history

import "github.com/quire-editor/quire/ot"

const (
	// Stretch is how many revisions an edit lies within: edits never reach over a
	// multiple of it. So each stretch can be grouped by itself, and the newest page
	// of a list costs the same whatever the length of the log.
	Stretch = 4096
	// Pause is what ends an edit: that long without a change by its author.
	Pause int64 = 60_000 // ms
)

// Edit is what one author did without a long pause. Others may have been at work
// meanwhile, so edits may overlap; From names an edit, as no two share a record.
type Edit struct {
	Author string
	// From is the revision of its first record, To one above that of its last.
	From, To uint64
	// Changes is the number of its records.
	Changes int
	// Began and Ended are the times of the first and the last of them.
	Began, Ended int64
	// Added and Removed count units.
	Added, Removed int
	// Restores says that it is one step that put things back.
	Restores bool
}

// Grouper groups steps, given in order, into edits.
type Grouper struct {
	// Edits are those so far, in order of From. They may still grow.
	Edits []Edit
	// open holds for each author the index of the edit that can still grow, within
	// the stretch of that number.
	open    map[string]int
	stretch uint64
}

// Add adds a step to a document that was length units long, and returns the
// index of the edit that it belongs to.
func (g *Grouper) Add(s *Step, length int) int {
	if stretch := s.Revision / Stretch; stretch != g.stretch || g.open == nil {
		g.stretch, g.open = stretch, map[string]int{}
	}
	i, ok := g.open[s.Author]
	if ok && !s.Restores && s.Time < g.Edits[i].Ended+Pause {
		g.Edits[i].add(s, length)
		return i
	}
	i = len(g.Edits)
	g.Edits = append(g.Edits, Edit{Author: s.Author, From: s.Revision, Began: s.Time, Restores: s.Restores})
	g.Edits[i].add(s, length)
	if s.Restores {
		delete(g.open, s.Author) // what comes next is another matter
	} else {
		g.open[s.Author] = i
	}
	return i
}

func (e *Edit) add(s *Step, length int) {
	e.To = s.Revision + 1
	e.Changes++
	e.Ended = max(e.Ended, s.Time)
	delta := s.on(length)
	for i := range delta {
		switch delta[i].Kind() {
		case ot.Insert, ot.Embed:
			e.Added += delta[i].Len()
		case ot.Delete:
			e.Removed += delta[i].Len()
		}
	}
}

// maxScan is how many stretches one page of edits is taken from at most, however
// few edits they hold.
const maxScan = 4

// Page is a part of the list of edits.
type Page struct {
	// Edits in the order asked for.
	Edits []Edit
	// Next continues the list; it is where the list ends if More is false.
	Next uint64
	More bool
}

// EditsBefore returns up to limit edits that begin before a revision, the newest
// first. first is the oldest record that is kept, head the number of records.
func EditsBefore(log Log, first, head, before uint64, limit int) (Page, error) {
	before = min(before, head)
	page := Page{Next: before}
	for scanned := 0; page.Next > first && scanned < maxScan; scanned++ {
		from := max((page.Next-1)/Stretch*Stretch, first)
		edits, err := editsOf(log, from, min(from/Stretch*Stretch+Stretch, head))
		if err != nil {
			return Page{}, err
		}
		for i := len(edits) - 1; i >= 0; i-- {
			if edits[i].From >= page.Next {
				continue
			}
			if len(page.Edits) == limit {
				page.More = true
				return page, nil
			}
			page.Edits = append(page.Edits, edits[i])
			page.Next = edits[i].From
		}
		page.Next = from
	}
	page.More = page.Next > first
	return page, nil
}

// EditsFrom returns up to limit edits that begin at a revision or later, the
// oldest first.
func EditsFrom(log Log, first, head, after uint64, limit int) (Page, error) {
	page := Page{Next: max(after, first)}
	for scanned := 0; page.Next < head && scanned < maxScan; scanned++ {
		from := max(page.Next/Stretch*Stretch, first)
		to := min(from/Stretch*Stretch+Stretch, head)
		edits, err := editsOf(log, from, to)
		if err != nil {
			return Page{}, err
		}
		for i := range edits {
			if edits[i].From < page.Next {
				continue
			}
			if len(page.Edits) == limit {
				page.More = true
				return page, nil
			}
			page.Edits = append(page.Edits, edits[i])
			page.Next = edits[i].From + 1
		}
		page.Next = to
	}
	page.More = page.Next < head
	return page, nil
}

// EditAt returns the edit that the record before a revision belongs to, cut off
// there.
func EditAt(log Log, first, revision uint64) (Edit, error) {
	from := max((revision-1)/Stretch*Stretch, first)
	var g Grouper
	last := 0
	err := g.read(log, from, revision, func(i int) { last = i })
	if err != nil || len(g.Edits) == 0 {
		return Edit{}, err
	}
	return g.Edits[last], nil
}

// editsOf groups the steps between two revisions of one stretch.
func editsOf(log Log, from, to uint64) ([]Edit, error) {
	var g Grouper
	err := g.read(log, from, to, func(int) {})
	return g.Edits, err
}

// read adds the steps between two revisions; seen is told the edit of each. The
// length of the text is asked for only where a step needs it.
func (g *Grouper) read(log Log, from, to uint64, seen func(edit int)) error {
	return log.Steps(from, to, func(s *Step) error {
		length := 0
		if s.Clears {
			text, err := log.At(s.Revision)
			if err != nil {
				return err
			}
			length = text.Len()
		}
		seen(g.Add(s, length))
		return nil
	})
}
