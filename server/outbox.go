package server

import "container/list"

// outbox is what waits for a connection that does not keep up, in order. The zero value is empty.
type outbox struct {
	waiting list.List
	// latest finds the message that waits under a key.
	latest map[string]*list.Element
	// bytes is about what all of it takes in memory.
	bytes int
}

type outgoing struct {
	key     string
	message []byte
}

// outgoingBytes is what a waiting message takes in memory, beside its text.
const outgoingBytes = 128

func (o *outbox) empty() bool { return o.waiting.Len() == 0 }

// push adds a message. Under a key other than "" it takes the place of the one that waits under the same key, but at the
// end: what it speaks of may have been made known only after that one.
func (o *outbox) push(key string, message []byte) {
	if old, ok := o.latest[key]; ok {
		o.remove(old)
	}
	e := o.waiting.PushBack(outgoing{key, message})
	o.bytes += len(message) + outgoingBytes
	if key != "" {
		if o.latest == nil {
			o.latest = map[string]*list.Element{}
		}
		o.latest[key] = e
	}
}

// pop takes out the first message.
func (o *outbox) pop() []byte { return o.remove(o.waiting.Front()) }

func (o *outbox) remove(e *list.Element) []byte {
	out := o.waiting.Remove(e).(outgoing)
	o.bytes -= len(out.message) + outgoingBytes
	if out.key != "" {
		delete(o.latest, out.key)
	}
	return out.message
}
