package server

import (
	"errors"
	"fmt"

	"github.com/quire-editor/quire/ot"
)

// state is a document at a revision: the sum of its first `revision` changes.
type state struct {
	revision uint64
	// exists is false before the first create and after a delete. Revisions go on counting through both.
	exists bool
	text   *ot.Document
}

func newState() *state { return &state{text: ot.NewDocument()} }

// Why a change does not fit a state.
var (
	errMissing = errors.New("the document does not exist")
	errExists  = errors.New("the document exists already")
)

// apply makes the next revision. On an error the state is as it was.
func (s *state) apply(c change) error {
	switch c.kind {
	case changeEdit:
		if !s.exists {
			return errMissing
		}
		if err := s.text.Apply(c.delta); err != nil {
			return err
		}
	case changeCreate:
		if s.exists {
			return errExists
		}
		text, err := ot.DocumentFromDelta(c.delta)
		if err != nil {
			return err
		}
		s.text, s.exists = text, true
	case changeDelete:
		s.text, s.exists = ot.NewDocument(), false
	}
	s.revision++
	return nil
}

// frozen returns the state as it is now, unmoved by later changes.
func (s *state) frozen() *state {
	return &state{revision: s.revision, exists: s.exists, text: s.text.Snapshot()}
}

// stateFormat is the first byte of an encoded state: the version of its form.
const stateFormat = 1

// encode gives the state of a store.Snapshot: the format, whether the document exists, and its content as a delta. The
// revision is the store's to keep.
func (s *state) encode() []byte {
	b := []byte{stateFormat, 0}
	if s.exists {
		b[1] = 1
	}
	return ot.AppendBinary(b, s.text.Delta())
}

func decodeState(revision uint64, b []byte) (*state, error) {
	if len(b) < 2 || b[0] != stateFormat || b[1] > 1 {
		return nil, errBadPayload
	}
	content, err := ot.DecodeBinary(b[2:])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBadPayload, err)
	}
	text, err := ot.DocumentFromDelta(content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBadPayload, err)
	}
	return &state{revision: revision, exists: b[1] == 1, text: text}, nil
}
