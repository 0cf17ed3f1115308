package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/wire"
	"github.com/quire-editor/quire/store"
)

// oneRoom is the entrance of a connection that was opened for one document: its room is held open by the request.
type oneRoom struct {
	archive
	runner *runner
}

func (o oneRoom) enter(string) (inbox, func(), error) { return o.runner, func() {}, nil }

// anyRoom is the entrance of a connection of several documents.
type anyRoom struct {
	archive
	conn Conn
}

// enter holds the room open until it is left. If the room ends before, the connection ends too: it comes back to a room opened
// anew, and there is no message that would tell a client of the end of one subscription.
func (a anyRoom) enter(document string) (inbox, func(), error) {
	rooms := a.server.rooms
	for {
		p, err := rooms.acquire(context.Background(), document)
		if err != nil {
			return nil, nil, fmt.Errorf("enter %s: %w", document, err)
		}
		if rooms.attach(p, a.conn) {
			return p.runner, func() { rooms.detach(p, a.conn); rooms.release(p) }, nil
		}
		rooms.release(p)
	}
}

// archive is the past of documents, read from the store by whoever asks.
type archive struct{ server *Server }

func (a archive) version(document string, revision *uint64) (wire.Snapshot, error) {
	newest, err := a.newest(document)
	if err != nil {
		return wire.Snapshot{}, err
	}
	at := newest
	if revision != nil {
		at = *revision
	}
	if at > newest {
		return wire.Snapshot{}, &wire.Error{Code: wire.CodeVersionAhead, Message: fmt.Sprintf("version %d is ahead of the document, which is at %d", at, newest)}
	}
	return a.at(document, at)
}

func (a archive) moment(document string, ms *uint64) (wire.Snapshot, error) {
	if ms == nil {
		return a.version(document, nil)
	}
	at, err := a.server.store.RevisionAt(document, int64(*ms))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		a.server.considerFailure(err)
		return wire.Snapshot{}, fmt.Errorf("%s at %d ms: %w", document, *ms, err)
	}
	return a.at(document, at)
}

// rights returns what somebody may do with a document, by what the store has. Of one that was never created that is what any
// new document allows.
func (a archive) rights(document string, caller *access.Caller) (access.Rights, error) {
	info, err := a.server.store.Info(document)
	if errors.Is(err, store.ErrNotFound) {
		return a.server.rightsIn(document, metadata{}, caller)
	}
	if err != nil {
		a.server.considerFailure(err)
		return access.Rights{}, fmt.Errorf("look up %s: %w", document, err)
	}
	meta, err := decodeMetadata(info.Meta)
	if err != nil {
		return access.Rights{}, fmt.Errorf("look up %s: %w", document, err)
	}
	return a.server.rightsIn(document, meta, caller)
}

func (a archive) keepInformed(document string, caller *access.Caller) error {
	return a.server.keepInformed(context.Background(), document, caller)
}

func (a archive) show(v *visit, token string, used bool) error { return a.server.show(v, token, used) }

// newest returns how many durable records a document has.
func (a archive) newest(document string) (uint64, error) {
	info, err := a.server.store.Info(document)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		a.server.considerFailure(err)
		return 0, fmt.Errorf("look up %s: %w", document, err)
	}
	return info.Revision, nil
}

// at builds a document as it was.
func (a archive) at(document string, revision uint64) (wire.Snapshot, error) {
	if revision == 0 {
		return wire.Snapshot{}, nil
	}
	a.server.reading <- struct{}{}
	defer func() { <-a.server.reading }()
	st, _, err := replay(&storeLog{store: a.server.store, document: document}, revision)
	if err != nil {
		a.server.logger.Error("past version not read", "document", document, "revision", revision, "error", err)
		return wire.Snapshot{}, fmt.Errorf("%s at revision %d: %w", document, revision, err)
	}
	snapshot := wire.Snapshot{Version: revision, Exists: st.exists}
	if st.exists {
		snapshot.Data = st.text.Delta()
	}
	return snapshot, nil
}
