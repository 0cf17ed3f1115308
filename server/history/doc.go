// Package history computes with the past of a document: who did what and when,
// what lies between two revisions, and how to take back what one author did. It
// knows records as Steps, whoever keeps them; it does no I/O of its own.
//
// Revisions count records: the state at revision r is what the first r records
// made. Units are UTF-16 code units.
package history

import "github.com/quire-editor/quire/ot"

// Step is a record as history sees it: it takes a document from Revision to
// Revision+1.
type Step struct {
	Revision uint64
	Author   string
	Time     int64 // milliseconds since the Unix epoch
	Delta    ot.Delta
	// Clears says that the step deletes the document, whatever text it has; Delta
	// is empty then.
	Clears bool
	// Restores says that the step was computed from history to put things back.
	Restores bool
}

// on returns the step's change of a text of the given length.
func (s *Step) on(length int) ot.Delta {
	if s.Clears && length > 0 {
		return ot.Delta{ot.DeleteOp(length)}
	}
	return s.Delta
}

// Log is where the past is read from. One of its errors ends whatever asked.
type Log interface {
	// At returns the text at a revision. It is the caller's to change.
	At(revision uint64) (*ot.Document, error)
	// Steps calls fn for the steps from <= revision < to, in order. What fn is
	// given is valid until it returns; ops may be kept.
	Steps(from, to uint64, fn func(*Step) error) error
}
