package history

import "github.com/quire-editor/quire/ot"

// Compare returns the ledger of everything that happened between two revisions:
// its runs are the differences, its Undo leads back.
func Compare(log Log, from, to uint64) (*Ledger, error) {
	c, err := NewContribution(log, func(string) bool { return true }, from, to)
	if err != nil {
		return nil, err
	}
	return c.Ledger, c.Advance(to)
}

// Between returns the delta that leads from the text a ledger began with to the
// text it has now.
func (l *Ledger) Between() ot.Delta { return l.text.Invert(l.Undo()) }

// Contribution is what authors did between two revisions, carried on while others
// work: its Undo takes exactly that back. What they did to it later, and what has
// been put back already, counts no more.
type Contribution struct {
	*Ledger
	log    Log
	by     func(author string) bool
	next   uint64 // the first record that it has not seen
	to     uint64
	groups Grouper
}

// NewContribution begins with the text at revision from. Advance brings it to now.
func NewContribution(log Log, by func(author string) bool, from, to uint64) (*Contribution, error) {
	text, err := log.At(from)
	if err != nil {
		return nil, err
	}
	return &Contribution{Ledger: NewLedger(text), log: log, by: by, next: from, to: to}, nil
}

// Advance carries it to a revision.
func (c *Contribution) Advance(revision uint64) error {
	return c.log.Steps(c.next, max(c.next, revision), func(s *Step) error {
		c.next = s.Revision + 1
		if s.Revision >= c.to || !c.by(s.Author) {
			return c.Apply(s, nil)
		}
		edit := &c.groups.Edits[c.groups.Add(s, c.text.Len())]
		return c.Apply(s, &Origin{s.Author, edit.From, edit.Began})
	})
}
