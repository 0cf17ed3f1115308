package history

import "github.com/quire-editor/quire/ot"

// Run is a stretch of the text as a ledger shows it.
type Run struct {
	Len int // in units
	// Added and Formatted say what happened to units of the text; neither, that they are as they were.
	Added, Formatted bool
	// Removed is what stood in front of the next run and is there no more; Len counts it as well.
	Removed ot.Delta
	By      Origin
}

// Runs returns what became of the text; neighbours differ.
func (l *Ledger) Runs() []Run {
	var runs []Run
	for p := range l.each {
		r := Run{Len: p.n, By: p.by}
		switch {
		case p.state == gone:
			r.Removed = ot.Delta{p.content}
		case p.state == added:
			r.Added = true
		case !p.undo.IsZero():
			r.Formatted = true
		default:
			r.By = Origin{}
		}
		if last := len(runs) - 1; last >= 0 && runs[last].joins(&r) {
			runs[last].Len += r.Len
			runs[last].Removed = append(runs[last].Removed, r.Removed...)
			continue
		}
		runs = append(runs, r)
	}
	for i := range runs {
		if runs[i].Removed != nil {
			runs[i].Removed = ot.Normalize(runs[i].Removed)
		}
	}
	return runs
}

func (r *Run) joins(next *Run) bool {
	return r.By == next.By && r.Added == next.Added && r.Formatted == next.Formatted && (r.Removed == nil) == (next.Removed == nil)
}
