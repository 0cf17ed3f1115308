package server

import (
	"strings"
	"testing"
)

func (o *outbox) drain() string {
	var all []string
	for !o.empty() {
		all = append(all, string(o.pop().text))
	}
	return strings.Join(all, " ")
}

func TestOutboxKeepsOrderAndOnlyTheLatestOfAKey(t *testing.T) {
	var o outbox
	for _, m := range []struct{ key, message string }{
		{"", "op1"}, {"ann", "ann1"}, {"bob", "bob1"}, {"", "op2"}, {"ann", "ann2"}, {"", "op3"},
	} {
		o.push(m.key, newMessage([]byte(m.message)))
	}
	if got := o.drain(); got != "op1 bob1 op2 ann2 op3" {
		t.Fatal(got)
	}
	o.push("ann", newMessage([]byte("ann3"))) // the key is free again
	if got := o.drain(); got != "ann3" || o.bytes != 0 || len(o.latest) != 0 {
		t.Fatalf("%s, %d bytes, %d keys", got, o.bytes, len(o.latest))
	}
}

func TestAFloodOfPresencesTakesTheRoomOfOne(t *testing.T) {
	var o outbox
	for range 100_000 {
		o.push("ann", newMessage([]byte("here")))
	}
	if o.bytes > 2*outgoingBytes {
		t.Fatalf("%d bytes wait", o.bytes)
	}
}
