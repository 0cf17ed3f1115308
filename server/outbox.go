package server

import (
	"slices"
	"sync"
)

// outbox is what waits for a connection, in order. The zero value is empty.
type outbox struct {
	// lent is the room that waiting is in; nil while nothing waits.
	lent *[]outgoing
	// waiting has what waits, from first on, and between it the gaps that replaced messages left: their text is nil.
	waiting []outgoing
	first   int
	// live is how many of them are no gaps.
	live int
	// latest finds the message that waits under a key, by its index in waiting; nil while so few wait that looking is faster.
	latest map[string]int
	// bytes is about what all of it takes in memory.
	bytes int
	// ping says that the peer is to be asked, before all that waits, whether it is there.
	ping bool
}

type outgoing struct {
	key string
	message
}

// lentOutgoing is room for messages. Whoever waits for nothing has none, and most do.
var lentOutgoing = sync.Pool{New: func() any { return new([]outgoing) }}

const (
	// outgoingBytes is what a waiting message takes in memory, beside its text: a gap may stand beside it.
	outgoingBytes = 128
	// spareOutgoing is the room for messages that is worth keeping for somebody else.
	spareOutgoing = 1024
	// manyGaps is how many gaps are worth closing.
	manyGaps = 64
	// fewOutgoing is how many messages are looked through for a key.
	fewOutgoing = 16
)

func (o *outbox) empty() bool { return o.live == 0 && !o.ping }

// push adds a message. Under a key other than "" it takes the place of the one that waits under the same key, but at the
// end: what it speaks of may have been made known only after that one.
func (o *outbox) push(key string, m message) {
	if key != "" {
		if i, waits := o.find(key); waits {
			o.take(i)
		}
	}
	if gaps := len(o.waiting) - o.live; gaps > o.live && gaps >= manyGaps {
		o.close()
	}
	if o.lent == nil {
		o.lent = lentOutgoing.Get().(*[]outgoing)
		o.waiting = *o.lent
	}
	o.waiting = append(o.waiting, outgoing{key, m})
	o.live++
	o.bytes += len(m.text) + outgoingBytes
	if key != "" && o.latest != nil {
		o.latest[key] = len(o.waiting) - 1
	}
}

// find returns the place of the message that waits under a key, if one does.
func (o *outbox) find(key string) (i int, waits bool) {
	if o.latest == nil {
		if len(o.waiting)-o.first <= fewOutgoing {
			i = slices.IndexFunc(o.waiting, func(out outgoing) bool { return out.key == key })
			return i, i >= 0
		}
		o.latest = map[string]int{}
		for i, out := range o.waiting {
			if out.key != "" {
				o.latest[out.key] = i
			}
		}
	}
	i, waits = o.latest[key]
	return i, waits
}

// gather takes out the first messages that may be written together, and appends their frames to a burst.
func (o *outbox) gather(burst []byte) []byte {
	if o.ping {
		burst, o.ping = appendHeader(burst, finalPing, 0), false
	}
	for o.live > 0 && o.small() && len(burst) < maxBurst {
		text := o.pop().text
		burst = append(appendHeader(burst, finalText, len(text)), text...)
	}
	return burst
}

// small says whether what comes first may be written together with others; the outbox is not empty.
func (o *outbox) small() bool { return o.ping || len(o.next().text) <= gatherable }

// next returns the first message, which stays; one waits.
func (o *outbox) next() message {
	for o.waiting[o.first].text == nil {
		o.first++
	}
	return o.waiting[o.first].message
}

// pop takes out the first message; one waits.
func (o *outbox) pop() message {
	m := o.next()
	o.take(o.first)
	o.first++
	if o.live == 0 {
		o.giveBack()
	}
	return m
}

// giveBack gives back the room for what waits; nothing does.
func (o *outbox) giveBack() {
	if cap(o.waiting) <= spareOutgoing {
		*o.lent = o.waiting[:0]
		lentOutgoing.Put(o.lent)
	}
	o.lent, o.waiting, o.first, o.latest = nil, nil, 0, nil
}

// take leaves a gap where a message waits.
func (o *outbox) take(i int) {
	out := &o.waiting[i]
	o.live--
	o.bytes -= len(out.text) + outgoingBytes
	if out.key != "" {
		delete(o.latest, out.key)
	}
	*out = outgoing{}
}

// close closes the gaps, those in front of the first message too.
func (o *outbox) close() {
	kept := o.waiting[:0]
	for _, out := range o.waiting {
		if out.text == nil {
			continue
		}
		if out.key != "" && o.latest != nil {
			o.latest[out.key] = len(kept)
		}
		kept = append(kept, out)
	}
	clear(o.waiting[len(kept):])
	o.waiting, o.first = kept, 0
}
