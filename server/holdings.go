package server

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/quire-editor/quire/store"
)

// holdings know whose documents are whose: which ones somebody created or has a role of their own in, and which are in the trash.
// So a list of one's own documents costs what one has, not what the server has.
//
// They are derived from the metadata of all documents, and in memory: each process makes them anew, so that no crash can leave them
// wrong. What they name are candidates, of which the store has the truth; whoever changes who has a document notes it afterwards,
// and what is no longer so is forgotten when somebody comes across it (see forget).
type holdings struct {
	store *store.Store

	// building is held while all documents are gone through.
	building sync.Mutex
	built    bool

	// mu is never held across I/O.
	mu sync.Mutex
	// of has the IDs of each person's documents, in order.
	of map[string][]string
	// trashed are documents that were put into the trash.
	trashed map[string]struct{}
}

func newHoldings(st *store.Store) *holdings {
	return &holdings{store: st, of: map[string][]string{}, trashed: map[string]struct{}{}}
}

// note takes in who has a document by its metadata.
func (h *holdings) note(document string, m metadata) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if m.Owner != "" {
		h.give(personOf(m.Owner), document)
	}
	if m.Access != nil {
		for person := range m.Access.People {
			h.give(person, document)
		}
	}
	if m.Trashed != 0 {
		h.trashed[document] = struct{}{}
	}
}

// give notes one document of a person. Called with mu held.
func (h *holdings) give(person, document string) {
	all := h.of[person]
	if i, known := slices.BinarySearch(all, document); !known {
		h.of[person] = slices.Insert(all, i, document)
	}
}

// documentsOf returns the IDs of the documents that a person may have, in order.
func (h *holdings) documentsOf(person string) ([]string, error) {
	if err := h.build(); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.of[person]), nil
}

// inTrash returns the documents that may be in the trash.
func (h *holdings) inTrash() ([]string, error) {
	if err := h.build(); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]string, 0, len(h.trashed))
	for document := range h.trashed {
		all = append(all, document)
	}
	return all, nil
}

// forget takes back that a person has a document, if that is so no more. It asks afterwards: whoever made it so again after that
// notes it themselves.
func (h *holdings) forget(person, document string) error {
	h.mu.Lock()
	if i, known := slices.BinarySearch(h.of[person], document); known {
		h.of[person] = slices.Delete(h.of[person], i, i+1)
	}
	h.mu.Unlock()
	return h.recall(document)
}

// forgetTrashed takes back that a document is in the trash, as forget does.
func (h *holdings) forgetTrashed(document string) error {
	h.mu.Lock()
	delete(h.trashed, document)
	h.mu.Unlock()
	return h.recall(document)
}

// recall notes what the store has of a document.
func (h *holdings) recall(document string) error {
	d, err := lookUp(h.store, document)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err == nil {
		h.note(document, d.meta)
	}
	return err
}

// build goes through all documents, the first time that it is called.
func (h *holdings) build() error {
	h.building.Lock()
	defer h.building.Unlock()
	if h.built {
		return nil
	}
	for after := ""; ; {
		page, err := h.store.List(after, maxPage)
		if err != nil {
			return fmt.Errorf("find out whose documents are whose: %w", err)
		}
		for _, info := range page {
			if after = info.Document; !validDocument(after) {
				continue // one of ours, see companion
			}
			m, err := decodeMetadata(info.Meta)
			if err != nil {
				return fmt.Errorf("find out whose %s is: %w", info.Document, err)
			}
			h.note(info.Document, m)
		}
		if len(page) < maxPage {
			h.built = true
			return nil
		}
	}
}
