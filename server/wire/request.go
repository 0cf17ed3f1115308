package wire

import (
	"encoding/json"

	"github.com/quire-editor/quire/ot"
)

// Action is the "a" of a message.
type Action string

// Actions of ShareDB's protocol and, with the prefix "q:", our own.
const (
	Handshake           Action = "hs"
	Fetch               Action = "f"
	Subscribe           Action = "s"
	Unsubscribe         Action = "u"
	Submit              Action = "op"
	Ping                Action = "pp"
	Presence            Action = "p"
	PresenceSubscribe   Action = "ps"
	PresenceUnsubscribe Action = "pu"
	PresenceRequest     Action = "pr"
	BulkFetch           Action = "bf"
	BulkSubscribe       Action = "bs"
	BulkUnsubscribe     Action = "bu"
	FetchVersion        Action = "nf"
	FetchTime           Action = "nt"
	QueryFetch          Action = "qf"
	QuerySubscribe      Action = "qs"
	QueryUnsubscribe    Action = "qu"
	LegacyInit          Action = "init"
	Hello               Action = "q:hello"
	About               Action = "q:about"
	Notice              Action = "q:notice"
	RoleChanged         Action = "q:role"
	Chat                Action = "q:chat"
	Chats               Action = "q:chats"
	Typing              Action = "q:typing"
)

// Request is one message from a client, decoded and checked for form. Which fields an action uses is its row in
// server/PROTOCOL.md; the others are zero.
type Request struct {
	// Size of the message, in bytes.
	Size       int
	Action     Action
	Collection string
	Document   string
	// ID is the client's handshake id, or the id of a presence; "" when absent or null.
	ID string
	// RequestID is a numeric id exactly as it was sent, for the reply to repeat; nil when there is none.
	RequestID json.RawMessage
	// Version is v, the revision a request speaks of; nil when null or absent.
	Version *uint64
	// Time is ts, in milliseconds since the epoch; nil when null or absent.
	Time *uint64
	Src  string
	Seq  uint64

	// Documents are those of a bulk request, each once.
	Documents []Known
	// Versioned says that a bulk request tells the versions it knows: it is answered by records instead of snapshots.
	Versioned bool

	// A submission is exactly one of an edit, a create, or a delete.
	Edit   ot.Delta
	Create *Create
	Delete bool

	Channel string
	// Cursor is the value of a presence; nil says that it is gone.
	Cursor          *Cursor
	PresenceVersion uint64

	// Chat is what a person says, or is about to say.
	Chat *ChatMessage
	// Bundles says that the client reads many records in one message.
	Bundles bool
	// Before asks for the messages before this one; nil when absent.
	Before *uint64

	// Token says in a handshake who the client is.
	Token string

	// Protocol is the major version that a handshake asks for.
	Protocol uint64
}

// Known is a document that a bulk request names, with the version that the client has of it, if it has any.
type Known struct {
	Document string
	Version  *uint64
}

// Create is the content of a submission that brings a document into being.
type Create struct {
	// Type as sent: a URI or a short name.
	Type string
	// Kind of document, or "" when the client did not say.
	Kind string
	Data ot.Delta
}
