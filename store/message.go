package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// AppendMessages stores messages that follow the document's first expect ones,
// all or none. It returns nil once they are durable.
//
// Errors: ErrConflict if the document does not have expect messages, ErrNotFound,
// and see the package comment.
func (s *Store) AppendMessages(ctx context.Context, document string, expect uint64, messages []Message) error {
	if err := checkMessages(document, expect, messages); err != nil {
		return err
	}
	e := entry{kind: entryMessages, document: document, expect: expect, count: uint64(len(messages))}
	for i := range messages {
		e.records = appendMessage(e.records, &messages[i])
	}
	if len(e.records) > MaxAppendBytes {
		return tooLarge("append", len(e.records), MaxAppendBytes)
	}
	return s.write(ctx, &request{entry: e, body: appendEntry(nil, &e)})
}

func checkMessages(document string, expect uint64, messages []Message) error {
	if err := checkDocument(document); err != nil {
		return err
	}
	if len(messages) == 0 {
		return fmt.Errorf("%w: append of no messages to %q", ErrInvalid, document)
	}
	for i := range messages {
		m := &messages[i]
		want := expect + uint64(i)
		switch {
		case m.Index != 0 && m.Index != want:
			return fmt.Errorf("%w: message %d of %q has index %d, its place is %d", ErrInvalid, i, document, m.Index, want)
		case len(m.Author) > MaxNameBytes:
			return tooLarge("message author", len(m.Author), MaxNameBytes)
		case len(m.Payload) > MaxMessageBytes:
			return tooLarge("message payload", len(m.Payload), MaxMessageBytes)
		}
	}
	return nil
}

// Messages calls fn for the durable messages of a document with indices from <=
// i < to, in order. It ends early, without an error, where the log ends, and with
// fn's error if that is not nil. fn may keep what it is given and call the store.
//
// Errors: ErrNotFound, also when the document is deleted meanwhile; ErrCorrupt.
func (s *Store) Messages(document string, from, to uint64, fn func(Message) error) error {
	v, err := s.look(document)
	if err != nil {
		return err
	}
	to = min(to, v.head.messages)
	stored := v.head.messages // those that main.db has
	for i := range v.tail {
		if t := &v.tail[i]; t.kind == entryMessages {
			stored = t.expect
			break
		}
	}
	for from < min(to, stored) {
		found, err := s.storedMessages(document, v.base.number, from, min(to, stored))
		if err != nil {
			return err
		}
		for i := range found {
			if err := fn(found[i]); err != nil {
				return err
			}
		}
		from += uint64(len(found))
	}
	return tailMessages(document, v.tail, from, to, fn)
}

// MessagesBefore returns at most limit messages of a document with indices below
// before, the newest first: to go back from the end, begin with Info.Messages or
// any greater number, and go on with the index of the last one returned.
//
// Errors: as Messages.
func (s *Store) MessagesBefore(document string, before uint64, limit int) ([]Message, error) {
	v, err := s.look(document)
	if err != nil {
		return nil, err
	}
	before = min(before, v.head.messages)
	var out []Message
	from := before - min(before, uint64(max(limit, 0)))
	err = s.Messages(document, from, before, func(m Message) error { out = append(out, m); return nil })
	slices.Reverse(out)
	return out, err
}

// messageBatch is how many messages are read in one transaction.
const messageBatch = 256

func (s *Store) storedMessages(document string, number, from, to uint64) (out []Message, err error) {
	err = s.main.view(func(tx *bolt.Tx) error {
		h, err := loadHeader(tx, document)
		if err == nil && h.number != number {
			err = fmt.Errorf("%w: %q was deleted meanwhile", ErrNotFound, document)
		}
		if err != nil {
			return err
		}
		out, err = readMessages(tx, number, from, min(to, from+messageBatch))
		return err
	})
	return out, err
}

// readMessages reads messages that main.db has.
func readMessages(tx *bolt.Tx, number, from, to uint64) ([]Message, error) {
	out := make([]Message, 0, to-from)
	c := readCursor(tx.Bucket(bucketMessages))
	k, v := c.Seek(partKey(number, from, 0))
	for i := from; i < to; i++ {
		have, n, _, ok := splitPartKey(k)
		if !ok || have != number || n != i {
			return nil, corrupt(mainName, errShort, "message %d of document number %d is missing", i, number)
		}
		b, err := readParts(c, k, v)
		if err != nil {
			return nil, corrupt(mainName, err, "message %d of document number %d", i, number)
		}
		in := byteReader{b: b}
		m := readMessage(&in)
		if err := in.end(); err != nil {
			return nil, corrupt(mainName, err, "message %d of document number %d", i, number)
		}
		m.Index = i
		out = append(out, m)
		k, v = c.Next()
	}
	return out, nil
}

func tailMessages(document string, tail []tailEntry, from, to uint64, fn func(Message) error) error {
	for i := range tail {
		t := &tail[i]
		if t.kind != entryMessages || t.expect+t.count <= from || t.expect >= to {
			continue
		}
		var outer error
		err := t.eachMessage(func(m Message) error {
			if m.Index >= from && m.Index < to {
				m.Payload = bytes.Clone(m.Payload)
				outer = fn(m)
			}
			return outer
		})
		if outer != nil {
			return outer
		}
		if err != nil {
			return corrupt(journalName, err, "messages of document %q from %d on", document, t.expect)
		}
	}
	return nil
}

// appendMessage appends a message without its index.
func appendMessage(dst []byte, m *Message) []byte {
	dst = appendField(dst, m.Author)
	dst = binary.AppendVarint(dst, m.Time)
	return appendField(dst, m.Payload)
}

// readMessage is the inverse of appendMessage. The payload aliases the input.
func readMessage(r *byteReader) Message {
	return Message{Author: string(r.field()), Time: r.varint(), Payload: r.field()}
}

// eachMessage calls fn for the messages of an entry. Payloads alias e.
func (e *entry) eachMessage(fn func(Message) error) error {
	r := byteReader{b: e.records}
	for i := range e.count {
		m := readMessage(&r)
		if r.err != nil {
			return r.err
		}
		m.Index = e.expect + i
		if err := fn(m); err != nil {
			return err
		}
	}
	return r.end()
}

// newMessages are the messages of a document that a flush brings to main.db.
type newMessages struct {
	first    uint64
	messages []Message
}

func (n *newMessages) add(e *entry) error {
	return e.eachMessage(func(m Message) error { n.messages = append(n.messages, m); return nil })
}

func (n *newMessages) store(tx *bolt.Tx, number uint64) error {
	b := tx.Bucket(bucketMessages)
	for i := range n.messages {
		if err := putParts(b, number, n.first+uint64(i), appendMessage(nil, &n.messages[i])); err != nil {
			return err
		}
	}
	return nil
}
