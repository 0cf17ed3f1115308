package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/history"
	"github.com/quire-editor/quire/server/wire"
	"github.com/quire-editor/quire/store"
)

// redaction says that a text was taken out of a document and of its whole past. It names a place and not the text, since that
// is to be nowhere.
type redaction struct {
	// Revision, Index and Length say where it stood.
	Revision uint64 `json:"revision"`
	Index    int    `json:"index"`
	Length   int    `json:"length"`
	// By is the principal who asked for it, At when, in milliseconds since the epoch.
	By string `json:"by"`
	At int64  `json:"at"`
	// Done is false from the moment it begins until no byte of the text is left.
	Done bool `json:"done"`
}

// isRedacting says that a redaction was begun and is not done.
func (m metadata) isRedacting() bool {
	n := len(m.Redactions)
	return n > 0 && !m.Redactions[n-1].Done
}

func (r redaction) span() history.Span { return history.Span{From: r.Index, To: r.Index + r.Length} }

// redactionSource begins the source of the records that take redacted text out: no client can have one.
const redactionSource = "redaction:"

// maxRedactions is how many redactions a document can have: they are kept with what else is known of it.
const maxRedactions = 200

// errManyRedactions is returned for one more.
var errManyRedactions = errors.New("too many redactions")

// redact takes a text out of a document and all of its past: of records, states and messages, of names, and of backups made from
// then on. Revisions, authors and times stay; where it stood in the past it is black.
//
// It begins with one commit, which takes the text out of the document as it is and notes what is to be done; from then on it
// is completed, if need be the next time the document is opened or the server starts. Nobody can be in the document meanwhile.
func (s *Server) redact(ctx context.Context, document string, r redaction) error {
	return s.rooms.alone(ctx, document, func() error {
		d, err := s.describe(document)
		if err != nil {
			return err
		}
		if len(d.meta.Redactions) == maxRedactions {
			return errManyRedactions
		}
		erasure, err := s.erasure(d, r)
		if err != nil {
			return err
		}
		removal, err := s.removal(d, erasure)
		if err != nil {
			return err
		}
		d.meta.Redactions = append(d.meta.Redactions, r)
		begun := store.Record{
			Src: redactionSource + newID(), Seq: 1, Author: r.By, Time: r.At,
			Payload: change{changeEdit, removal}.encode(),
		}
		// Whoever waits no longer does not stop it: it has begun.
		ctx = context.WithoutCancel(ctx)
		if err := s.store.Append(ctx, document, d.Revision, []store.Record{begun}, d.meta.encode()); err != nil {
			return fmt.Errorf("begin to redact: %w", err)
		}
		return s.erase(ctx, document, erasure)
	})
}

// erasure plans what a redaction does to the records up to now.
func (s *Server) erasure(d described, r redaction) (*history.Erasure, error) {
	e, err := history.NewErasure(s.past(d.Document), d.First, d.Revision, r.Revision, r.span())
	if err != nil {
		return nil, fmt.Errorf("plan a redaction: %w", err)
	}
	return e, nil
}

// removal returns the edit that takes out of the document as it is what becomes black in it.
func (s *Server) removal(d described, e *history.Erasure) (ot.Delta, error) {
	states, err := s.erasedStates(d, e, []uint64{d.Revision})
	if err != nil {
		return nil, err
	}
	text, err := s.past(d.Document).At(d.Revision)
	if err != nil {
		return nil, err
	}
	var edit ot.Delta // nothing to remove is an edit too
	at := 0
	for run := range states[d.Revision].text.Runs(0, text.Len()) {
		before := text.Slice(at, at+run.Len())
		edit = append(edit, differing(before, run)...)
		at += run.Len()
	}
	return ot.Normalize(edit), nil
}

// differing keeps the units that two pieces of the same length share, and deletes the others.
func differing(before ot.Delta, after ot.Op) (edit ot.Delta) {
	for _, op := range before {
		for op.Len() > 0 {
			var was, is ot.Op
			was, op = op.Split(1)
			is, after = after.Split(1)
			if was.Text() == is.Text() && was.EmbedJSON() == is.EmbedJSON() {
				edit = append(edit, ot.RetainOp(1, ot.Attributes{}))
			} else {
				edit = append(edit, ot.DeleteOp(1))
			}
		}
	}
	return edit
}

// completeRedaction does what is left of a redaction that was interrupted, if there is one.
func (s *Server) completeRedaction(document string) error {
	d, err := lookUp(s.store, document)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil || !d.meta.isRedacting() {
		return err
	}
	last := d.meta.Redactions[len(d.meta.Redactions)-1]
	s.logger.Info("a redaction was interrupted and is completed", "document", document)
	erasure, err := s.erasure(d, last)
	if err != nil {
		return err
	}
	return s.erase(context.Background(), document, erasure)
}

// erase rewrites the past and all else that may hold the text, and notes that it is done. Doing it again changes nothing.
func (s *Server) erase(ctx context.Context, document string, e *history.Erasure) error {
	d, err := lookUp(s.store, document)
	if err != nil {
		return err
	}
	if !e.IsBlack() {
		if err := s.eraseNames(ctx, &d, e); err != nil {
			return err
		}
		if err := s.erasePast(ctx, d, e); err != nil {
			return err
		}
	}
	d.meta.Redactions[len(d.meta.Redactions)-1].Done = true
	if err := s.store.SetMeta(ctx, document, d.MetaVersion, d.meta.encode()); err != nil {
		return fmt.Errorf("note that a redaction is done: %w", err)
	}
	return nil
}

// eraseNames takes the text out of names, before the database is scrubbed of it.
func (s *Server) eraseNames(ctx context.Context, d *described, e *history.Erasure) error {
	if title := e.Text(d.meta.Title); title != d.meta.Title {
		d.meta.Title = title
		if err := s.store.SetMeta(ctx, d.Document, d.MetaVersion, d.meta.encode()); err != nil {
			return fmt.Errorf("redact the title: %w", err)
		}
		d.MetaVersion++
	}
	err := s.versions.changeIfThere(ctx, d.Document, func(all *[]version) {
		for i := range *all {
			(*all)[i].Name = e.Text((*all)[i].Name)
		}
	})
	if err != nil {
		return fmt.Errorf("redact the names of versions: %w", err)
	}
	return nil
}

func (s *Server) erasePast(ctx context.Context, d described, e *history.Erasure) error {
	revisions, err := s.snapshots(d)
	if err != nil {
		return err
	}
	states, err := s.erasedStates(d, e, revisions)
	if err != nil {
		return err
	}
	encoded := map[uint64][]byte{}
	for revision, st := range states {
		encoded[revision] = st.encode()
	}
	err = s.store.Redact(ctx, d.Document, store.Redaction{
		To: d.Revision,
		Record: func(r store.Record) ([]byte, error) {
			c, err := decodeChange(r.Payload)
			if err != nil {
				return nil, err
			}
			delta, changed := e.Step(r.Revision, c.delta)
			if !changed {
				return r.Payload, nil
			}
			return change{c.kind, delta}.encode(), nil
		},
		Snapshot: func(snap store.Snapshot) ([]byte, error) {
			if state, ok := encoded[snap.Revision]; ok {
				return state, nil
			}
			return erasedElsewhere(snap, e)
		},
		Message: func(m store.Message) ([]byte, error) { return erasedMessage(m, e) },
	})
	if err != nil {
		return fmt.Errorf("redact the past: %w", err)
	}
	return nil
}

// snapshots returns the revisions of the states that are stored and that records lead to.
func (s *Server) snapshots(d described) (revisions []uint64, err error) {
	for at := d.Revision; ; at-- {
		snap, ok, err := s.store.Snapshot(d.Document, at)
		if err != nil || !ok || snap.Revision < d.First {
			return revisions, err
		}
		revisions = append(revisions, snap.Revision)
		if at = snap.Revision; at == 0 {
			return revisions, nil
		}
	}
}

// erasedStates replays the log without what is erased and returns the states at some revisions.
func (s *Server) erasedStates(d described, e *history.Erasure, revisions []uint64) (map[uint64]*state, error) {
	log := s.past(d.Document)
	st, _, err := replay(log, d.First)
	if err != nil {
		return nil, err
	}
	if st.text, err = ot.DocumentFromDelta(e.Base(st.text.Delta())); err != nil {
		return nil, err
	}
	wanted := map[uint64]bool{}
	for _, revision := range revisions {
		wanted[revision] = true
	}
	states := map[uint64]*state{}
	keep := func() {
		if wanted[st.revision] {
			states[st.revision] = st.frozen()
		}
	}
	keep()
	err = log.Records(d.First, d.Revision, func(r store.Record) error {
		c, err := decodeChange(r.Payload)
		if err != nil {
			return err
		}
		c.delta, _ = e.Step(r.Revision, c.delta)
		if err := st.apply(c); err != nil {
			return err
		}
		keep()
		return nil
	})
	return states, err
}

// erasedElsewhere is a state from before the records that are kept, without copies of the text.
func erasedElsewhere(snap store.Snapshot, e *history.Erasure) ([]byte, error) {
	st, err := decodeState(snap.Revision, snap.State)
	if err != nil {
		return nil, err
	}
	content, err := e.Elsewhere(st.text.Delta())
	if err != nil {
		return nil, err
	}
	if st.text, err = ot.DocumentFromDelta(content); err != nil {
		return nil, err
	}
	return st.encode(), nil
}

func erasedMessage(m store.Message, e *history.Erasure) ([]byte, error) {
	var message wire.ChatMessage
	if err := json.Unmarshal(m.Payload, &message); err != nil {
		return nil, fmt.Errorf("message %d: %w", m.Index, err)
	}
	text := e.Text(message.Text)
	if text == message.Text {
		return m.Payload, nil
	}
	message.Text = text
	return json.Marshal(message)
}

// CompleteRedactions completes what an earlier run of the server began. Call it before anybody is served.
func (s *Server) CompleteRedactions() error {
	for after := ""; ; {
		page, err := s.store.List(after, maxPage)
		if err != nil {
			return fmt.Errorf("look for redactions that were interrupted: %w", err)
		}
		for _, info := range page {
			after = info.Document
			if !validDocument(info.Document) {
				continue
			}
			m, err := decodeMetadata(info.Meta)
			if err == nil && m.isRedacting() {
				err = s.completeRedaction(info.Document)
			}
			if err != nil {
				return fmt.Errorf("complete the redaction of %s: %w", info.Document, err)
			}
		}
		if len(page) < maxPage {
			return nil
		}
	}
}
