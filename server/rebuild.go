package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/quire-editor/quire/store"
)

// Verification is what Verify has looked at so far, and found.
type Verification struct {
	Documents uint64          `json:"documents"`
	Records   uint64          `json:"records"`
	Snapshots uint64          `json:"snapshots"`
	Pictures  uint64          `json:"pictures"`
	Problems  []VerifiedFault `json:"problems,omitempty"`
}

// VerifiedFault is one thing that is wrong.
type VerifiedFault struct {
	// Document is "" if it is not known whose data it is.
	Document string `json:"document,omitempty"`
	// Revision is the first one that cannot be shown as it was; nil if that is not known, or none.
	Revision *uint64 `json:"revision,omitempty"`
	What     string  `json:"what"`
}

func (f VerifiedFault) String() string {
	switch {
	case f.Document == "":
		return f.What
	case f.Revision == nil:
		return fmt.Sprintf("document %s: %s", f.Document, f.What)
	}
	return fmt.Sprintf("document %s, revision %d: %s", f.Document, *f.Revision, f.What)
}

// Verify checks everything that is kept, while people type: every checksum (see store.Verify); and that each document can be
// built anew from its log, change by change, and is then what its snapshots say. It rests as long as it works. progress is
// called after each document.
//
// The error is nil if all could be looked at, whatever was found.
func (s *Server) Verify(ctx context.Context, progress func(Verification)) (Verification, error) {
	v := &verifier{Server: s, ctx: ctx, began: time.Now()}
	stored, err := s.store.Verify(ctx, nil)
	if err != nil {
		return v.found, err
	}
	for _, p := range stored.Problems {
		v.fault(VerifiedFault{Document: p.Document, What: p.Err.Error()})
	}
	if n := stored.MoreProblems; n > 0 {
		v.fault(VerifiedFault{What: fmt.Sprintf("and %d more of this kind", n)})
	}
	err = s.eachStored(func(info store.Info) error {
		v.document(info)
		progress(v.found)
		return v.rest()
	})
	return v.found, err
}

// eachStored calls fn for all that the store has, in the order of names. The pages of a list that cannot be read are left out:
// store.Verify has told of them.
func (s *Server) eachStored(fn func(store.Info) error) error {
	for after := ""; ; {
		page, err := s.store.List(after, maxPage)
		if errors.Is(err, store.ErrCorrupt) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, info := range page {
			if err := fn(info); err != nil {
				return err
			}
			after = info.Document
		}
		if len(page) < maxPage {
			return nil
		}
	}
}

// verifier builds documents anew.
type verifier struct {
	*Server
	ctx   context.Context
	began time.Time // when it last rested
	found Verification
}

// maxFaults bounds the list: a damaged disk may hold very many.
const maxFaults = 200

func (v *verifier) fault(f VerifiedFault) {
	if len(v.found.Problems) < maxFaults {
		v.found.Problems = append(v.found.Problems, f)
	}
}

// rest waits as long as was worked, so that people who type are not kept waiting.
func (v *verifier) rest() error {
	select {
	case <-time.After(time.Since(v.began)):
		v.began = time.Now()
		return nil
	case <-v.ctx.Done():
		return v.ctx.Err()
	}
}

// document checks one entry of the store.
func (v *verifier) document(info store.Info) {
	switch {
	case strings.HasPrefix(info.Document, imageListPrefix):
		v.pictures(info)
	case validDocument(info.Document):
		v.found.Documents++
		v.rebuildSettled(info)
	}
}

// rebuildTries is how often a document is begun anew because its log was rewritten meanwhile.
const rebuildTries = 3

func (v *verifier) rebuildSettled(info store.Info) {
	for range rebuildTries {
		at, err := v.rebuild(info)
		switch {
		case err == nil, errors.Is(err, store.ErrNotFound), v.ctx.Err() != nil:
			return
		case !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrDropped):
			v.fault(VerifiedFault{info.Document, &at, err.Error()})
			return
		}
		if info, err = v.store.Info(info.Document); err != nil {
			return // it was deleted meanwhile
		}
	}
}

// rebuild applies every change of a document from the first one that is kept, and compares with each snapshot on the way. It
// returns how far that went.
func (v *verifier) rebuild(info store.Info) (at uint64, err error) {
	meta, err := decodeMetadata(info.Meta)
	if err != nil {
		return 0, err
	}
	snapshots, err := v.snapshotsOf(info)
	if err != nil {
		return info.First, err
	}
	st := newState()
	if info.First > 0 {
		if len(snapshots) == 0 {
			return 0, errors.New("the state that its log begins with is missing")
		}
		if st, err = v.snapshotState(info.Document, snapshots[0]); err != nil {
			return snapshots[0], err
		}
		snapshots = snapshots[1:]
	}
	log := &storeLog{store: v.store, document: info.Document}
	var changes changeReader
	err = log.Records(st.revision, info.Revision, func(r store.Record) error {
		c, err := changes.read(r.Payload)
		if err == nil {
			err = st.apply(c)
		}
		if err != nil {
			return fmt.Errorf("its change does not fit: %w", err)
		}
		v.found.Records++
		if len(snapshots) > 0 && snapshots[0] == st.revision {
			snapshots = snapshots[1:]
			if err := v.compare(info.Document, st); err != nil {
				return err
			}
		}
		if time.Since(v.began) > restEvery {
			return v.rest()
		}
		return nil
	})
	switch {
	case err != nil:
		return st.revision, err
	case st.revision != info.Revision:
		return st.revision, fmt.Errorf("its log ends here, before revision %d", info.Revision)
	case st.exists == meta.Deleted && !meta.Importing:
		return st.revision, errors.New("its log and its metadata differ about whether it is deleted")
	}
	return st.revision, nil
}

// restEvery is the longest time that is worked at a stretch.
const restEvery = 5 * time.Millisecond

// snapshotsOf returns the revisions of a document's snapshots from the first kept record on, ascending.
func (v *verifier) snapshotsOf(info store.Info) (revisions []uint64, err error) {
	for at := info.Revision; ; {
		found, ok, err := v.store.Snapshot(info.Document, at)
		if err != nil {
			return nil, err
		}
		if !ok || found.Revision < info.First {
			break
		}
		revisions = append(revisions, found.Revision)
		if found.Revision == info.First || found.Revision == 0 {
			break
		}
		at = found.Revision - 1
	}
	slices.Reverse(revisions)
	return revisions, nil
}

func (v *verifier) snapshotState(document string, revision uint64) (*state, error) {
	found, ok, err := v.store.Snapshot(document, revision)
	if err != nil {
		return nil, err
	}
	if !ok || found.Revision != revision {
		return nil, store.ErrConflict // it was replaced meanwhile
	}
	return decodeState(revision, found.State)
}

// compare compares a state that was built from the log with the snapshot of the same revision.
func (v *verifier) compare(document string, built *state) error {
	kept, err := v.snapshotState(document, built.revision)
	if errors.Is(err, store.ErrConflict) {
		return nil // only the newest one is replaced, and nothing was wrong with the log
	}
	if err != nil {
		return err
	}
	v.found.Snapshots++
	if !bytes.Equal(kept.encode(), built.encode()) {
		return errors.New("its snapshot is not what its log says")
	}
	return nil
}

// pictures checks that a document's pictures are there and are what they are named after.
func (v *verifier) pictures(info store.Info) {
	list, err := decodeImageList(info.Meta)
	if err != nil {
		v.fault(VerifiedFault{Document: info.Document, What: err.Error()})
		return
	}
	for _, entry := range list.Images {
		_, err := v.images.read(list.Document, entry.ID)
		if there, e := v.exists(list.Document); e == nil && !there {
			return // it was deleted meanwhile
		}
		v.found.Pictures++
		if err != nil {
			v.fault(VerifiedFault{Document: list.Document, What: fmt.Sprintf("picture %s: %v", entry.ID, err)})
		}
		if v.rest() != nil {
			return
		}
	}
}
