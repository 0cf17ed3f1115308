package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/store"
)

// audit keeps who changed what about the access to a document, for as long as there is one: as messages beside a document of the
// store that is there for them.
type audit struct{ companion[struct{}] }

// accessEvent is one change of the access to a document.
type accessEvent struct {
	// What is one of the constants below.
	What string `json:"what"`
	// From and To are the roles before and after; "" for none.
	From access.Role `json:"from"`
	To   access.Role `json:"to"`
	// Of is the person whose role it is, Link the link's ID, Label its label.
	Of    string `json:"of,omitempty"`
	Link  string `json:"link,omitempty"`
	Label string `json:"label,omitempty"`
}

// What can happen to the access to a document.
const (
	eventGeneral     = "general"
	eventRole        = "role"
	eventLinkMade    = "link-made"
	eventLinkRevoked = "link-revoked"
)

// note adds events of a principal, in one commit.
func (a audit) note(ctx context.Context, document, principal string, events []accessEvent) error {
	if len(events) == 0 {
		return nil
	}
	messages := make([]store.Message, len(events))
	for i, e := range events {
		payload, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("encode an event: %w", err)
		}
		messages[i] = store.Message{Author: principal, Time: nowMillis(), Payload: payload}
	}
	for {
		kept, err := a.count(document)
		if errors.Is(err, store.ErrNotFound) {
			err = a.change(ctx, document, func(*struct{}) error { return nil }) // the first
		}
		if err == nil {
			err = a.store.AppendMessages(ctx, a.name(document), kept, messages)
		}
		if err == nil || !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

// count returns how many events are kept.
func (a audit) count(document string) (uint64, error) {
	info, err := a.store.Info(a.name(document))
	return info.Messages, err
}

// before returns up to limit events before one, the newest first, and their messages.
func (a audit) before(document string, before uint64, limit int) ([]store.Message, error) {
	messages, err := a.store.MessagesBefore(a.name(document), before, limit)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return messages, err
}

// difference returns what happened between two states of access.
func difference(before, after access.Access) (events []accessEvent) {
	if before.General != after.General {
		events = append(events, accessEvent{What: eventGeneral, From: before.General, To: after.General})
	}
	for person, role := range after.People {
		if before.People[person] != role {
			events = append(events, accessEvent{What: eventRole, From: before.People[person], To: role, Of: person})
		}
	}
	for person, role := range before.People {
		if _, still := after.People[person]; !still {
			events = append(events, accessEvent{What: eventRole, From: role, Of: person})
		}
	}
	return events
}
