package server

// outbox is what waits for a connection, in order. The zero value is empty.
type outbox struct {
	// waiting has what waits, from first on, and between it the gaps that replaced messages left: their message is nil.
	waiting []outgoing
	first   int
	// live is how many of them are no gaps.
	live int
	// latest finds the message that waits under a key, by its index in waiting.
	latest map[string]int
	// bytes is about what all of it takes in memory.
	bytes int
}

type outgoing struct {
	key     string
	message []byte
}

const (
	// outgoingBytes is what a waiting message takes in memory, beside its text: a gap may stand beside it.
	outgoingBytes = 128
	// spareOutgoing is the room for messages that an empty outbox may keep.
	spareOutgoing = 64
)

func (o *outbox) empty() bool { return o.live == 0 }

// push adds a message. Under a key other than "" it takes the place of the one that waits under the same key, but at the
// end: what it speaks of may have been made known only after that one.
func (o *outbox) push(key string, message []byte) {
	if i, waits := o.latest[key]; waits && key != "" {
		o.take(i)
	}
	if gaps := len(o.waiting) - o.live; gaps > o.live && gaps >= spareOutgoing {
		o.close()
	}
	o.waiting = append(o.waiting, outgoing{key, message})
	o.live++
	o.bytes += len(message) + outgoingBytes
	if key != "" {
		if o.latest == nil {
			o.latest = map[string]int{}
		}
		o.latest[key] = len(o.waiting) - 1
	}
}

// next returns the first message, which stays; the outbox is not empty.
func (o *outbox) next() []byte {
	for o.waiting[o.first].message == nil {
		o.first++
	}
	return o.waiting[o.first].message
}

// pop takes out the first message; the outbox is not empty.
func (o *outbox) pop() []byte {
	message := o.next()
	o.take(o.first)
	o.first++
	if o.live == 0 {
		o.waiting, o.first = o.waiting[:0], 0
		if cap(o.waiting) > spareOutgoing {
			o.waiting = nil
		}
	}
	return message
}

// take leaves a gap where a message waits.
func (o *outbox) take(i int) {
	out := &o.waiting[i]
	o.live--
	o.bytes -= len(out.message) + outgoingBytes
	if out.key != "" {
		delete(o.latest, out.key)
	}
	*out = outgoing{}
}

// close closes the gaps, those in front of the first message too.
func (o *outbox) close() {
	kept := o.waiting[:0]
	for _, out := range o.waiting {
		if out.message == nil {
			continue
		}
		if out.key != "" {
			o.latest[out.key] = len(kept)
		}
		kept = append(kept, out)
	}
	clear(o.waiting[len(kept):])
	o.waiting, o.first = kept, 0
}
