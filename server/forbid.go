package server

import (
	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/wire"
)

// needed is what somebody must be allowed to do, whose request this is.
func needed(req *wire.Request) access.Action {
	switch req.Action {
	case wire.Submit:
		if req.Delete {
			return access.Delete
		}
		return access.Edit
	case wire.Chat, wire.Typing:
		return access.Comment
	case wire.Chats:
		return access.Messages
	case wire.FetchVersion:
		if req.Version != nil {
			return access.History
		}
	case wire.FetchTime:
		if req.Time != nil {
			return access.History
		}
	}
	return access.Read
}

// forbidden is the refusal of a request for want of a right.
func forbidden(req *wire.Request, action access.Action) *wire.Error {
	code := wire.CodeForbidden
	switch {
	case req.Action == wire.Submit:
		code = wire.CodeOpRejected
	case action == access.Read, action == access.History:
		code = wire.CodeReadRejected
	}
	return &wire.Error{Code: code, Message: action.Refusal()}
}

// forbid refuses what a member may not do. Whoever may not even read has no reason to be connected.
func (r *Room) forbid(a ask) *wire.Error {
	if a.Action == wire.Unsubscribe || a.Action == wire.PresenceUnsubscribe {
		return nil // whoever goes may
	}
	action := needed(a.Request)
	if a.Create != nil && !r.head.exists && r.head.revision > 0 {
		action = access.Delete // it is brought back
	}
	switch {
	case !a.rights.Allow(access.Read) && a.alone:
		a.conn.Close(CloseDenied, r.closedTo())
		return forbidden(a.Request, access.Read)
	case !a.rights.Allow(action):
		if a.Action == wire.Submit && a.caller.HasExpired(r.now()) {
			// Refused, the edit would be lost. So its author gets another token, and sends it again.
			a.conn.Close(CloseUnauthorized, "the token has expired")
		}
		return forbidden(a.Request, action)
	case a.Create != nil && r.head.revision == 0 && !a.caller.MayCreate:
		return &wire.Error{Code: wire.CodeOpRejected, Message: mayNotCreate}
	case !a.rights.Allow(access.History) && r.reachesBack(a):
		return &wire.Error{Code: wire.CodeDropped, Message: "only the current version is open to you; load the document again"}
	}
	return nil
}

// mayNotCreate refuses a new document.
const mayNotCreate = "This server lets only people whom it knows create documents. Sign in, or use a token."

// reachesBack says whether the answer to a request would show records from before what the member has seen.
func (r *Room) reachesBack(a ask) bool {
	if a.Version == nil {
		return false
	}
	switch a.Action {
	case wire.Fetch, wire.Subscribe:
		return *a.Version < r.durable
	case wire.Submit:
		return !a.subscribed && *a.Version < r.head.revision
	}
	return false
}

// decideAnew decides what every member may do, after something that decides about it has changed.
func (r *Room) decideAnew() {
	links := r.policy.Links
	r.policy = r.meta.policy(r.document)
	r.policy.Links = links
	for _, m := range r.members {
		r.decide(m)
	}
	r.awaitChange()
}

// Relink takes the links of the document as the store has them in a version.
func (r *Room) Relink(links []access.Link, version uint64) {
	if version < r.linked {
		return
	}
	r.policy.Links, r.linked = links, version
	r.decideAnew()
}

// awaitChange sees to it that what ends by itself does.
func (r *Room) awaitChange() {
	if r.alarm == nil {
		return
	}
	now, next := r.now(), int64(0)
	for _, m := range r.members {
		next = access.Sooner(next, r.policy.Changes(&m.caller, now), now)
	}
	r.alarm(next)
}

// decide decides what a member may do, and tells it if that is something else than before.
func (r *Room) decide(m *member) {
	rights := r.policy.Rights(&m.caller, r.now())
	if rights == m.rights {
		return
	}
	m.rights = rights
	if !rights.Allow(access.Messages) {
		m.chatting = false
	}
	switch {
	case !rights.Allow(access.Read):
		r.expel(m)
	case m.extended:
		m.send(wire.RoleMessage(r.document, m.standing()))
	}
}

// renew takes a member for the same person with something else to show.
func (r *Room) renew(m *member, caller access.Caller) {
	m.caller = caller
	r.decide(m)
	r.awaitChange()
}

// expel ends the connection of a member who may no longer read. One that has other documents too comes back to those.
func (r *Room) expel(m *member) {
	m.subscribed, m.listening, m.behind = false, false, nil
	r.clearPresences(m)
	switch {
	case m.caller.HasExpired(r.now()):
		m.conn.Close(CloseUnauthorized, "the token has expired")
		return
	case m.alone && r.meta.Trashed != 0:
		m.conn.Close(CloseDenied, inTrash)
		return
	case m.alone:
		m.conn.Close(CloseDenied, "You no longer have access to this document.")
		return
	}
	m.conn.Close(CloseTryAgain, "you no longer have access to a document")
}

// closedTo tells somebody who may not read why.
func (r *Room) closedTo() string {
	if r.meta.Trashed != 0 {
		return inTrash
	}
	return access.Read.Refusal()
}

// standing tells a member's rights to its client.
func (m *member) standing() wire.Standing {
	return wire.Standing{Role: string(m.rights.Role), May: m.rights.Names()}
}
