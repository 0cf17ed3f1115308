package server

import (
	"strings"

	"github.com/quire-editor/quire/server/wire"
)

// allow refuses a request that no room can answer. It fills in the document of a request that names only a channel.
func (s *session) allow(req *wire.Request) *wire.Error {
	switch req.Action {
	case wire.Fetch, wire.Subscribe, wire.Unsubscribe, wire.Submit, wire.Hello, wire.FetchVersion, wire.FetchTime,
		wire.Chat, wire.Chats, wire.Typing:
		return s.allowDocument(req)
	case wire.Presence, wire.PresenceSubscribe, wire.PresenceUnsubscribe, wire.PresenceRequest:
		return s.allowPresence(req)
	case wire.BulkFetch, wire.BulkSubscribe, wire.BulkUnsubscribe:
		return allowCollection(req.Collection)
	case wire.QueryFetch, wire.QuerySubscribe, wire.QueryUnsubscribe:
		return &wire.Error{Code: wire.CodeNotImplemented, Message: "queries are not offered here"}
	}
	return &wire.Error{Code: wire.CodeBadMessage, Message: "unknown action"}
}

func allowCollection(collection string) *wire.Error {
	switch {
	case collection == wire.Collection:
		return nil
	case collection == "":
		return &wire.Error{Code: wire.CodeBadMessage, Message: "Invalid collection"}
	}
	return &wire.Error{Code: wire.CodeBadMessage, Message: `Invalid collection: the only one is "` + wire.Collection + `"`}
}

func (s *session) allowDocument(req *wire.Request) *wire.Error {
	if refusal := allowCollection(req.Collection); refusal != nil {
		return refusal
	}
	switch {
	case req.Document == "" || wire.Inherited(req.Document):
		return &wire.Error{Code: wire.CodeBadMessage, Message: "Invalid id"}
	case s.document != "" && req.Document != s.document:
		return &wire.Error{Code: wire.CodeBadMessage, Message: "Invalid id: this address serves another document"}
	case !validDocument(req.Document):
		return &wire.Error{Code: wire.CodeBadMessage, Message: "Invalid id: a document has 1 to 128 letters, digits, - and _"}
	case len(req.Src) > maxClientID:
		return &wire.Error{Code: wire.CodeBadMessage, Message: "src is too long"}
	}
	return nil
}

// allowPresence also finds the document that a presence channel belongs to.
func (s *session) allowPresence(req *wire.Request) *wire.Error {
	document, ok := strings.CutPrefix(req.Channel, channelOf(""))
	switch {
	case !ok || !validDocument(document) || s.document != "" && document != s.document:
		return &wire.Error{Code: wire.CodeBadMessage, Message: "Invalid presence channel: presences are of a document, in the channel " + channelOf("ID")}
	case req.Action == wire.Presence && (req.ID == "" || len(req.ID) > maxClientID):
		return &wire.Error{Code: wire.CodeBadMessage, Message: "a presence needs an id of 1 to 128 bytes"}
	case req.Document != "" && req.Document != document, req.Collection != "" && req.Collection != wire.Collection:
		return &wire.Error{Code: wire.CodeBadMessage, Message: "Invalid id: the presence is of another document than its channel"}
	}
	req.Document = document
	return nil
}

// validDocument says whether a document may have this ID.
func validDocument(id string) bool { return validID(id) && !wire.Inherited(id) }
