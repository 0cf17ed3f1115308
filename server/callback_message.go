package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/history"
	"github.com/quire-editor/quire/store"
)

// savedMessage is what a site is told of a document; docs/embedding.md describes it.
type savedMessage struct {
	Event    string `json:"event"`
	Site     string `json:"site"`
	Document string `json:"document"`
	Kind     Kind   `json:"kind,omitempty"`
	Title    string `json:"title,omitempty"`
	// Revision is the one that the site has after this; Since is the one that it was told of before.
	Revision uint64 `json:"revision"`
	Since    uint64 `json:"since"`
	// Modified is in milliseconds since the epoch.
	Modified int64         `json:"modified,omitempty"`
	Authors  []savedAuthor `json:"authors"`
	// Text and Delta are missing in what would be larger than maxSavedBytes: then TooLarge says so.
	Text     *string         `json:"text,omitempty"`
	Delta    json.RawMessage `json:"delta,omitempty"`
	TooLarge bool            `json:"tooLarge,omitempty"`
}

// savedAuthor is somebody who edited a document since a site was told of it.
type savedAuthor struct {
	// Subject is what the site calls them, if it has sent them.
	Subject string `json:"sub,omitempty"`
	// Person is what others know them by here, and Name by which they are shown in the history, if they said one.
	Person string `json:"person"`
	Name   string `json:"name,omitempty"`
	Edits  int    `json:"edits"`
}

const (
	eventSaved   = "saved"
	eventDeleted = "deleted"
	// maxSavedBytes is the most that text and delta may take together.
	maxSavedBytes = 32 << 20
)

// savedSince returns what a site that knows a document up to a revision is told of it.
func (s *Server) savedSince(l letter, since uint64) (savedMessage, error) {
	m := savedMessage{Event: eventSaved, Site: l.site, Document: l.document, Since: since, Authors: []savedAuthor{}}
	d, err := lookUp(s.store, l.document)
	if errors.Is(err, store.ErrNotFound) {
		m.Event = eventDeleted
		return m, nil
	}
	if err != nil {
		return m, err
	}
	m.Kind, m.Title, m.Revision, m.Modified = d.meta.Kind, d.meta.Title, d.Revision, d.Modified
	if m.Authors, err = s.authorsSince(l, max(since, d.First), d.Revision); err != nil {
		return m, err
	}
	s.reading <- struct{}{}
	content, err := s.past(l.document).At(d.Revision)
	<-s.reading
	if err != nil {
		return m, fmt.Errorf("content of %s: %w", l.document, err)
	}
	text := strings.ToValidUTF8(content.Text(), "\uFFFD")
	m.Text, m.Delta = &text, ot.AppendJSON(nil, content.Delta())
	return m, nil
}

// authorsSince returns who made the records from <= revision < to, in the order in which they began.
func (s *Server) authorsSince(l letter, from, to uint64) ([]savedAuthor, error) {
	names, err := s.people.of(l.document)
	if err != nil {
		return nil, err
	}
	authors := []savedAuthor{}
	err = s.past(l.document).Steps(from, to, func(step *history.Step) error {
		person := personOf(step.Author)
		i := slices.IndexFunc(authors, func(a savedAuthor) bool { return a.Person == person })
		if i < 0 {
			i = len(authors)
			subject, _ := strings.CutPrefix(step.Author, embedPrincipal+l.site+":")
			if subject == step.Author {
				subject = ""
			}
			authors = append(authors, savedAuthor{Subject: subject, Person: person, Name: names[person].Name})
		}
		authors[i].Edits++
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("authors of %s: %w", l.document, err)
	}
	return authors, nil
}

// encode returns a message as JSON, without text and delta if these are too large.
func (m savedMessage) encode() ([]byte, error) {
	if m.Text != nil && len(*m.Text)+len(m.Delta) > maxSavedBytes {
		m.Text, m.Delta, m.TooLarge = nil, nil, true
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode what %s is told of %s: %w", m.Site, m.Document, err)
	}
	return body, nil
}
