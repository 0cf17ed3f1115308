package server

import (
	"slices"

	"github.com/quire-editor/quire/server/access"
)

// member is one session's place in a room.
type member struct {
	conn Conn
	// id is the client's own secret; src is what others know it by.
	id, src string
	// principal is who the session acts for, and the author of its records.
	principal string
	// person is what others know the principal by.
	person string
	// caller is the same with what they show for it; rights are what they may do, as the room sees it.
	caller access.Caller
	rights access.Rights
	// alone says that the connection is for this document only.
	alone bool
	// aliases are the newest of the earlier ids under which this client has submitted.
	aliases []alias
	// waits counts the answers to this member that wait for the disk.
	waits int
	// behind is not nil while the member is being brought up to date; see Room.bring.
	behind *behind
	// gathering is not nil while what the member is told waits for the rest of a bulk answer.
	gathering *gathering

	// touched are those of the room; unflushed says that the member is one of them.
	touched   *touched
	unflushed bool

	subscribed bool
	// next is the version of the next record to send to a subscribed member.
	next uint64
	// chatting says that the member gets what people say, as far as it is for it.
	chatting bool
	// extended says that the client understands messages with the prefix "q:".
	extended bool
	// bundles says that the client reads many records in one message.
	bundles bool
	// listening says that the member gets the presences of others.
	listening bool
	left      bool
}

func (m *member) send(text []byte) { m.deliver("", newMessage(text)) }

// deliver queues a message that may go to others too; see Conn.Queue.
func (m *member) deliver(key string, msg message) {
	switch {
	case m.left:
	case m.gathering != nil && m.gathering.holds(key, msg):
	default:
		m.gathering = nil
		m.conn.Queue(key, msg)
		if !m.unflushed {
			m.unflushed = true
			*m.touched = append(*m.touched, m)
		}
	}
}

// touched are members for whom something has been queued.
type touched []*member

// maxWaits bounds the answers that may wait on behalf of one member, for the disk or for its connection.
const maxWaits = 64

// mayWait says whether one more answer may wait. If not, the connection is closed.
func (m *member) mayWait() bool {
	if m.waits == maxWaits || m.behind != nil && len(m.behind.answers) == maxWaits {
		m.conn.Close(CloseTryAgain, "too many requests at once")
		return false
	}
	return true
}

// say answers the member: at once, or when it has been brought up to date.
func (m *member) say(answer func()) {
	switch {
	case m.left:
	case m.behind == nil:
		answer()
	case m.mayWait():
		m.behind.answers = append(m.behind.answers, answer)
	}
}

// alias is an id that a client had before, and the src by which others know it.
type alias struct{ id, src string }

// maxAliases bounds a member's aliases. An honest client has one: the id under which its unacknowledged edit was sent first.
const maxAliases = 8

// sourceOf returns the source of a submission that names id. To know an earlier id, a secret, is proof of having had it.
func (m *member) sourceOf(id string) string {
	if id == m.id {
		return m.src
	}
	src := sourceOf(id)
	if _, known := m.ownID(src); !known {
		if len(m.aliases) == maxAliases {
			m.aliases = slices.Delete(m.aliases, 0, 1)
		}
		m.aliases = append(m.aliases, alias{id, src})
	}
	return src
}

// ownID returns the id to put in place of src in a message to m: its own secret if the record is its own.
func (m *member) ownID(src string) (string, bool) {
	if src == m.src {
		return m.id, true
	}
	for _, a := range m.aliases {
		if a.src == src {
			return a.id, true
		}
	}
	return "", false
}
