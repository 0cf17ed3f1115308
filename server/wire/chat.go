package wire

import (
	"encoding/json"

	"github.com/quire-editor/quire/ot"
)

// ChatMessage is something that a person says beside the document. In JSON it is what the log of messages holds.
type ChatMessage struct {
	// ID is the sender's name for it: sent again it has the same.
	ID string `json:"id"`
	// Text may have **bold**, *italic*, `code` and addresses.
	Text string `json:"text"`
	// Name and Color are how the sender is shown.
	Name  string `json:"name,omitempty"`
	Color string `json:"color,omitempty"`
	// To is the one person whom it is for; "" for everybody.
	To string `json:"to,omitempty"`
	// Mentions are the persons whom it names.
	Mentions []string `json:"mentions,omitempty"`
}

const (
	// MaxChatText is the longest text of a message, in bytes.
	MaxChatText = 8000
	// maxChatName bounds names, colours and the IDs of messages and persons, in bytes.
	maxChatName = 256
	// maxMentions is how many persons a message may name.
	maxMentions = 32
)

var chatFields = []string{"text", "name", "color", "to", "mentions"}

// chat reads what a person says, or is about to.
func (d *decoder) chat(id string) *ChatMessage {
	raw, ok := d.present("m")
	if !ok || !isObject(raw) {
		d.refuse(CodeBadMessage, `a message needs an object "m"`)
		return &ChatMessage{}
	}
	inner := decoder{fields: members(raw, chatFields)}
	m := &ChatMessage{
		ID: id, Text: inner.text("text"), Name: inner.text("name"), Color: inner.text("color"), To: inner.text("to"),
		Mentions: inner.texts("mentions"),
	}
	if len(m.Text) > MaxChatText {
		inner.refuse(CodeBadMessage, "a message may have %d bytes", MaxChatText)
	}
	for _, name := range append(m.Mentions, m.ID, m.Name, m.Color, m.To) {
		if len(name) > maxChatName {
			inner.refuse(CodeBadMessage, "a name in a message may have %d bytes", maxChatName)
		}
	}
	if inner.refusal != nil && d.refusal == nil {
		d.refusal = inner.refusal
	}
	return m
}

func (d *decoder) texts(name string) []string {
	raw, ok := d.present(name)
	if !ok {
		return nil
	}
	var list []string
	if err := json.Unmarshal(raw, &list); err != nil || len(list) > maxMentions {
		d.refuse(CodeBadMessage, "%q is not a list of at most %d strings", name, maxMentions)
		return nil
	}
	return list
}

// Said is a message in its place.
type Said struct {
	ChatMessage
	Index uint64
	// Person is who said it, and At when, in milliseconds since the epoch.
	Person string
	At     int64
}

func (s *Said) append(b []byte) []byte {
	b = appendInt(append(b, `"n":`...), s.Index)
	b = appendInt(append(b, `,"at":`...), uint64(max(s.At, 0)))
	b = ot.AppendQuoted(append(b, `,"person":`...), s.Person)
	b = ot.AppendQuoted(append(b, `,"id":`...), s.ID)
	b = ot.AppendQuoted(append(b, `,"text":`...), s.Text)
	b = ot.AppendQuoted(append(b, `,"name":`...), s.Name)
	b = ot.AppendQuoted(append(b, `,"color":`...), s.Color)
	b = ot.AppendQuoted(append(b, `,"to":`...), s.To)
	b = append(b, `,"mentions":[`...)
	for i, person := range s.Mentions {
		if i > 0 {
			b = append(b, ',')
		}
		b = ot.AppendQuoted(b, person)
	}
	return append(b, ']')
}

// ChatNews tells of a message.
func ChatNews(document string, s Said) []byte {
	return append(s.append(append(appendExtension(nil, Chat, document), ',')), '}')
}

// ChatPage answers with the messages from <= n < to that the asker may read. me is the asker.
func ChatPage(document, me string, from, to uint64, messages []Said) []byte {
	b := appendExtension(nil, Chats, document)
	b = ot.AppendQuoted(append(b, `,"me":`...), me)
	b = appendInt(append(b, `,"from":`...), from)
	b = appendInt(append(b, `,"to":`...), to)
	b = append(b, `,"messages":[`...)
	for i := range messages {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(messages[i].append(append(b, '{')), '}')
	}
	return append(b, "]}"...)
}

// TypingNews tells that a person is writing a message.
func TypingNews(document, person, name, to string) []byte {
	b := appendExtension(nil, Typing, document)
	b = ot.AppendQuoted(append(b, `,"person":`...), person)
	b = ot.AppendQuoted(append(b, `,"name":`...), name)
	b = ot.AppendQuoted(append(b, `,"to":`...), to)
	return append(b, '}')
}
