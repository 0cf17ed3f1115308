package server

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/quire-editor/quire/server/wire"
	"github.com/quire-editor/quire/store"
)

// chatLog keeps what people say beside one document.
type chatLog interface {
	// Append queues a message at its index and does not block. stored is called in the room's turn when the message is
	// durable, or with why it is not; then none that was queued after it is.
	Append(m store.Message, stored func(error))
	// Messages calls fn for the durable messages from <= index < to, in order.
	Messages(from, to uint64, fn func(store.Message) error) error
}

// chat is what people say in a room: to everybody, or one to another. As with records, nothing is shown before it is durable.
type chat struct {
	log chatLog
	// head counts the messages, durable those of them that are on disk.
	head, durable uint64
	// recent are the newest messages, up to head.
	recent []said
}

// said is a message with the principal who said it.
type said struct {
	wire.Said
	author string
}

const (
	// chatPage is about how many messages are sent at once; chatScan how many are looked through for them: most may be
	// between others.
	chatPage = 50
	chatScan = 1000
	// chatMissed is how many messages a client that comes back is sent; one that missed more begins at the newest page.
	chatMissed = 200
	// chatRecent is how many messages a room keeps in memory.
	chatRecent = 256
	// chatCopies is how far back a message is looked for that may have been sent before.
	chatCopies = 10_000
	// chatWaiting is how many messages of a room may wait for the disk.
	chatWaiting = 1000
)

// validPersonID is the form of what personOf returns.
var validPersonID = regexp.MustCompile(`^[A-Za-z0-9_-]{20}$`)

// personOf is the name under which others know a principal, whose own name is between them and the server.
func personOf(principal string) string {
	sum := sha256.Sum256([]byte("quire person\x00" + principal))
	return base64.RawURLEncoding.EncodeToString(sum[:15])
}

// mayRead says whether a message is for a member.
func (s *said) mayRead(m *member) bool {
	return s.To == "" || s.author == m.principal || s.To == m.person
}

// say handles a message of a member: once it is durable, everyone whom it is for is told, its author first.
func (r *Room) say(m *member, req *wire.Request) {
	if refusal := r.refuseMessage(m, req); refusal != nil {
		m.send(wire.ErrorReply(req, r.metrics.refused(refusal)))
		return
	}
	r.whenDurable(func() { // a document that is not on disk yet has no place for messages
		known, err := r.alreadySaid(m, req)
		switch {
		case errors.Is(err, errTooOld):
			m.send(wire.ErrorReply(req, &wire.Error{Code: wire.CodeAlreadySubmitted, Message: "too much was said since this was written to know whether it arrived; send it anew"}))
		case err != nil:
			r.fail(err)
		case known == nil:
			r.accept(m, req)
		case known.Index < r.chat.durable:
			m.send(wire.ChatNews(r.document, known.Said))
		}
		// Otherwise it is on its way to the disk, and its author will be told then.
	})
}

func (r *Room) refuseMessage(m *member, req *wire.Request) *wire.Error {
	switch {
	case r.chat.log == nil:
		return &wire.Error{Code: wire.CodeNotImplemented, Message: "messages are not kept here"}
	case !r.head.exists:
		return &wire.Error{Code: wire.CodeMissing, Message: "the document does not exist"}
	case req.ID == "" || strings.TrimSpace(req.Chat.Text) == "":
		return &wire.Error{Code: wire.CodeBadMessage, Message: "a message needs an id and a text"}
	case req.Version != nil && *req.Version > r.chat.durable:
		return &wire.Error{Code: wire.CodeVersionAhead, Message: fmt.Sprintf("there are %d messages, not %d", r.chat.durable, *req.Version)}
	}
	return nil
}

// accept gives a message its place and queues it.
func (r *Room) accept(m *member, req *wire.Request) {
	c := &r.chat
	if c.head-c.durable >= chatWaiting {
		m.conn.Close(CloseTryAgain, "too many messages at once")
		return
	}
	s := said{wire.Said{ChatMessage: *req.Chat, Index: c.head, Person: m.person, At: r.now()}, m.principal}
	payload, err := json.Marshal(s.ChatMessage)
	if err != nil {
		r.fail(fmt.Errorf("encode a message: %w", err))
		return
	}
	c.head++
	if c.recent = append(c.recent, s); len(c.recent) > 2*chatRecent && c.durable > s.Index-chatRecent {
		c.recent = append([]said(nil), c.recent[len(c.recent)-chatRecent:]...)
	}
	c.log.Append(store.Message{Index: s.Index, Author: s.author, Time: s.At, Payload: payload}, func(err error) {
		if err != nil {
			r.fail(fmt.Errorf("message %d: %w", s.Index, err))
			return
		}
		c.durable = s.Index + 1
		r.tellSaid(m, s)
	})
}

// tellSaid tells everyone whom a durable message is for.
func (r *Room) tellSaid(author *member, s said) {
	news := wire.ChatNews(r.document, s.Said)
	author.send(news)
	for _, m := range r.members {
		if m != author && m.chatting && s.mayRead(m) {
			m.send(news)
		}
	}
}

// errTooOld is returned for a message that was written before more messages than are looked through.
var errTooOld = errors.New("too much was said since")

// alreadySaid finds the first copy of a message. It can only be among those that its author did not know when writing it.
func (r *Room) alreadySaid(m *member, req *wire.Request) (first *said, err error) {
	c := &r.chat
	from := c.head
	if req.Version != nil {
		from = *req.Version
	}
	if c.head-from > chatCopies {
		return nil, errTooOld
	}
	isCopy := func(s *said) bool { return s.Index >= from && s.ID == req.ID && s.author == m.principal }
	for i := range c.recent {
		if isCopy(&c.recent[i]) {
			return &c.recent[i], nil
		}
	}
	err = r.eachSaid(from, c.head-uint64(len(c.recent)), func(s said) {
		if first == nil && isCopy(&s) {
			first = &s
		}
	})
	return first, err
}

// eachSaid calls fn for durable messages, in order.
func (r *Room) eachSaid(from, to uint64, fn func(said)) error {
	if from >= to {
		return nil
	}
	return r.chat.log.Messages(from, to, func(m store.Message) error {
		s := said{wire.Said{Index: m.Index, Person: personOf(m.Author), At: m.Time}, m.Author}
		if err := json.Unmarshal(m.Payload, &s.ChatMessage); err != nil {
			return fmt.Errorf("message %d: %w", m.Index, err)
		}
		fn(s)
		return nil
	})
}

// showChat sends a member messages: those since it left, the newest, or those before some; but for the last it gets every
// later one from then on.
func (r *Room) showChat(m *member, req *wire.Request) {
	if r.chat.log == nil {
		m.send(wire.ErrorReply(req, &wire.Error{Code: wire.CodeNotImplemented, Message: "messages are not kept here"}))
		return
	}
	from, to := uint64(0), r.chat.durable
	var page []wire.Said
	var err error
	switch v := req.Version; {
	case req.Before != nil:
		to = min(*req.Before, to)
		from, page, err = r.pageBefore(m, to)
	case v != nil && *v <= to && to-*v <= chatMissed:
		from = *v
		page, err = r.readable(m, from, to)
	default:
		from, page, err = r.pageBefore(m, to)
	}
	if err != nil {
		r.logger.Error("messages not read", "error", err)
		m.send(wire.ErrorReply(req, unreadable(err)))
		return
	}
	m.chatting = m.chatting || req.Before == nil
	m.send(wire.ChatPage(r.document, m.person, from, to, page))
}

// pageBefore goes back from a message to the one that about a page begins with.
func (r *Room) pageBefore(m *member, to uint64) (from uint64, page []wire.Said, err error) {
	for from = to; from > 0 && len(page) < chatPage && to-from < chatScan; {
		begin := from - min(from, chatPage)
		found, err := r.readable(m, begin, from)
		if err != nil {
			return from, nil, err
		}
		from, page = begin, append(found, page...)
	}
	return from, page, nil
}

// readable returns those of some durable messages that are for a member.
func (r *Room) readable(m *member, from, to uint64) (page []wire.Said, err error) {
	err = r.eachSaid(from, to, func(s said) {
		if s.mayRead(m) {
			page = append(page, s.Said)
		}
	})
	return page, err
}

// typing tells those whom a message will be for that it is being written. Nothing of it is kept.
func (r *Room) typing(author *member, req *wire.Request) {
	news := newMessage(wire.TypingNews(r.document, author.person, req.Chat.Name, req.Chat.To))
	key := r.document + "/typing/" + author.person
	for _, m := range r.members {
		if m.chatting && m.person != author.person && (req.Chat.To == "" || req.Chat.To == m.person) {
			m.deliver(key, news)
		}
	}
}
