package server

import (
	"fmt"
	"testing"
)

const (
	listen    = `{"a":"ps","ch":"documents.<doc>","seq":1}`
	announced = `{"a":"pr","ch":"documents.<doc>"}`
)

// attend subscribes to the presences of a document in which nobody else is present.
func (p *peer) attend() {
	p.t.Helper()
	p.send(listen)
	p.expect(listen, announced)
}

func cursorAt(id string, pv, version, index int) string {
	return fmt.Sprintf(`{"a":"p","ch":"documents.<doc>","id":%q,"p":{"index":%d,"length":0,"name":"Ann"},"pv":%d,"c":"documents","d":"<doc>","v":%d,"t":"http://sharejs.org/types/rich-text/v1"}`, id, index, pv, version)
}

// from adds the src that a receiver sees.
func from(src, message string) string {
	return message[:len(message)-1] + fmt.Sprintf(`,"src":%q}`, src)
}

func TestCursorReachesOthersAndItsOwnerGetsItBack(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "hello")
	a, b := ts.join(doc, ""), ts.join(doc, "")
	b.attend()
	a.send(cursorAt("one", 1, 1, 3))
	a.expect(from("<id>", cursorAt("one", 1, 1, 3)))
	b.expect(from(sourceOf(a.id), cursorAt("one", 1, 1, 3)))
}

func TestNewcomerIsToldWhereEveryoneIsAfterEditsMovedThem(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "hello")
	a := ts.join(doc, "")
	a.send(cursorAt("one", 1, 1, 3))
	a.receive()
	writer := ts.join(doc, "")
	writer.edit(1, 1, `[{"insert":"oh "}]`)
	writer.expect(ack(1, 1))
	b := ts.join(doc, "")
	b.send(listen)
	b.expect(listen, from(sourceOf(a.id), cursorAt("one", 1, 2, 6)), announced)
}

func TestCursorMadeAtAnOlderVersionIsMovedToTheNewest(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "hello")
	a, b := ts.join(doc, ""), ts.join(doc, "")
	b.edit(1, 1, `[{"insert":"oh "}]`)
	b.expect(ack(1, 1))
	b.attend()
	a.send(cursorAt("one", 1, 1, 2))
	b.expect(from(sourceOf(a.id), cursorAt("one", 1, 2, 5)))
	_ = a
}

func TestCursorsGoWhenTheirOwnerDoes(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "hello")
	for name, leave := range map[string]func(*peer){
		"disconnects":         func(p *peer) { p.conn.Close() },
		"takes it back":       func(p *peer) { p.send(gone("one", 2)) },
		"leaves the channel":  func(p *peer) { p.send(`{"a":"pu","ch":"documents.<doc>","seq":2}`) },
		"never read anything": func(p *peer) { p.socket().NetConn().Close() },
	} {
		t.Run(name, func(t *testing.T) {
			a, b := ts.on(t).join(doc, ""), ts.on(t).join(doc, "")
			b.attend()
			a.send(cursorAt("one", 1, 1, 3))
			b.receive()
			leave(a)
			m := b.receive()
			if m["a"] != "p" || m["id"] != "one" || m["p"] != nil || m["src"] != sourceOf(a.id) {
				t.Fatalf("got %v, want the presence taken away", m)
			}
		})
	}
}

func gone(id string, pv int) string {
	return fmt.Sprintf(`{"a":"p","ch":"documents.<doc>","id":%q,"p":null,"pv":%d,"c":"documents","d":"<doc>","v":1,"t":"http://sharejs.org/types/rich-text/v1"}`, id, pv)
}

func TestPresenceThatIsRefusedSaysWhichOne(t *testing.T) {
	ts := serveNew(t)
	p := ts.join(ts.create("text", ""), "")
	for _, bad := range []string{
		`{"a":"p","ch":"documents.<doc>","id":"one","p":{"index":-1,"length":0},"pv":1,"c":"documents","d":"<doc>","v":1}`,
		`{"a":"p","ch":"documents.<doc>","id":"one","p":"here","pv":1,"c":"documents","d":"<doc>","v":1}`,
		`{"a":"p","ch":"documents.other","id":"one","p":null,"pv":1}`,
		`{"a":"p","ch":"documents.<doc>","id":"","p":null,"pv":1}`,
	} {
		p.send(bad)
		p.expectError("ERR_MESSAGE_BADLY_FORMED")
	}
	p.send(`{"a":"p","ch":"documents.<doc>","id":"one","p":{"index":0,"length":0},"pv":7,"c":"documents","d":"<doc>","v":99}`)
	m := p.receive()
	if m["error"] == nil || m["id"] != "one" || m["pv"] != 7.0 || m["ch"] != "documents."+p.document {
		t.Fatalf("the refusal %v does not say which presence", m)
	}
}

func TestCursorAnnouncedAgainAsItIsKnownIsNotPassedOn(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "hello")
	a, b := ts.join(doc, ""), ts.join(doc, "")
	b.attend()
	for pv := 1; pv <= 2; pv++ {
		a.send(cursorAt("one", pv, 1, 3))
		a.expect(from("<id>", cursorAt("one", pv, 1, 3)))
	}
	a.send(cursorAt("one", 3, 1, 4))
	b.expect(from(sourceOf(a.id), cursorAt("one", 1, 1, 3)), from(sourceOf(a.id), cursorAt("one", 3, 1, 4)))
}
