package server

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/quire-editor/quire/e2e/client"
	"github.com/quire-editor/quire/server/wire"
)

// person is somebody's copy of one document, and what it knows of others' cursors.
type person struct {
	doc    *simDoc
	device *device
	name   int
	client *client.Client
	acked  map[string]uint64 // src and seq -> version
	// lastAcked is the newest sequence number that was acknowledged.
	lastAcked uint64

	// The cursor: pointed is what was announced last, answered the pv that the server has answered.
	pointed      *pointing
	pv, answered uint64
	wantsToPoint bool
	// told is what the server said of others since this connection subscribed to presences, by src.
	told map[string]pointing
	// listening says that the server has greeted this client.
	listening bool
	// refused is called with refusals, if not nil; otherwise one is a failure.
	refused func(error)
}

// pointing is a cursor as it was at a version.
type pointing struct {
	version uint64
	index   int
}

func newPerson(d *simDoc, on *device, name int) *person {
	p := &person{doc: d, device: on, name: name, acked: map[string]uint64{}}
	p.reset()
	return p
}

// reset makes the person somebody new: a page loaded again.
func (p *person) reset() {
	c := client.New(p.doc.name)
	c.Acknowledged = func(seq, version uint64) {
		p.acked[identity(sourceOf(c.ID()), seq)] = version
		p.lastAcked = seq
	}
	c.Seen = p.sees
	p.client, p.pointed, p.pv, p.answered, p.wantsToPoint, p.lastAcked = c, nil, 0, 0, false, 0
}

func identity(src string, seq uint64) string { return fmt.Sprint(src, "/", seq) }

// sees checks that what a person is shown is what the log has: nothing is visible before it is durable.
func (p *person) sees(version uint64, src string, seq uint64) {
	if version >= uint64(len(p.doc.disk.durable)) {
		p.doc.fail("person %d was shown version %d, but the log has only %d records", p.name, version, len(p.doc.disk.durable))
		return
	}
	r := p.doc.disk.durable[version]
	own := src == p.client.ID() && r.Src == sourceOf(src)
	if !own && r.Src != src || r.Seq != seq {
		p.doc.fail("person %d was shown %s/%d at version %d; the log has %s/%d", p.name, src, seq, version, r.Src, r.Seq)
	}
}

// unsettled says what is still to be expected; "" when all work is stored and everything told.
func (p *person) unsettled() string {
	switch {
	case p.device.wire == nil:
		return "the connection"
	case !p.client.Loaded():
		return "the document"
	case !p.client.Settled():
		return "an acknowledgement"
	case p.client.Version() != uint64(len(p.doc.disk.durable)):
		return "a record"
	case p.wantsToPoint || p.answered != p.pv:
		return "a cursor"
	case p.device.wire.underWay+p.device.wire.upUnderWay > 0:
		return "a message"
	}
	return ""
}

func (p *person) edit() {
	length := p.client.Text().Len()
	if !p.client.Loaded() || length == 0 {
		return
	}
	if _, err := p.client.Edit(p.doc.randomEdit(length, p.name)); err != nil {
		p.doc.fail("person %d: %w", p.name, err)
	}
}

// point announces a cursor, as clients do: only when all their work is stored.
func (p *person) point() {
	if !p.listening || !p.client.Loaded() || !p.client.Settled() {
		return
	}
	p.wantsToPoint = false
	p.pv++
	p.pointed = &pointing{p.client.Version(), p.doc.rand.IntN(p.client.Text().Len())}
	p.device.wire.toServer(fmt.Appendf(nil, `{"a":"p","ch":"documents.%s","id":"caret","p":{"index":%d,"length":0},"pv":%d,"v":%d}`,
		p.doc.name, p.pointed.index, p.pv, p.pointed.version))
}

// receive takes a message: presences are the person's, the rest is the client's.
func (p *person) receive(message []byte) {
	var m struct {
		Action  string               `json:"a"`
		Src     string               `json:"src"`
		Cursor  *struct{ Index int } `json:"p"`
		Version uint64               `json:"v"`
		PV      uint64               `json:"pv"`
	}
	if err := json.Unmarshal(message, &m); err != nil {
		p.doc.fail("person %d got %s: %w", p.name, message, err)
		return
	}
	switch m.Action {
	case "hs":
		p.listening = true
		p.device.wire.toServer(fmt.Appendf(nil, `{"a":"ps","ch":"documents.%s","seq":1}`, p.doc.name))
	case "pr": // announce it again when the version is right
		p.wantsToPoint = p.wantsToPoint || p.pointed != nil
	case "p":
		switch {
		case m.Src == p.client.ID():
			p.answered = m.PV
		case m.Cursor == nil:
			delete(p.told, m.Src)
		default:
			p.told[m.Src] = pointing{m.Version, m.Cursor.Index}
		}
		if m.Version > uint64(len(p.doc.disk.durable)) {
			p.doc.fail("person %d was told of a cursor in version %d, which is not durable", p.name, m.Version)
		}
	}
	if err := p.client.Receive(message); err != nil {
		p.stumbles(err)
	}
}

func (p *person) stumbles(err error) {
	if p.refused != nil {
		p.refused(err)
		return
	}
	p.doc.fail("person %d: %w", p.name, err)
}

// loses is called when the connection has ended on the person's side.
func (p *person) loses() {
	p.listening = false
	p.wantsToPoint = false // until it is asked again
	p.answered = p.pv      // what was not answered never will be
	p.client.Disconnected()
}

// repeat sends an edit that is stored again, over a connection of its own and changed: its identity alone tells. With the
// version at which it is stored, the answer is an acknowledgement, unless later work has overtaken it. A later version means
// that its author has taken it for somebody else's, and an acknowledgement would keep it waiting for ever.
func (p *person) repeat() {
	id, src, seq := p.client.ID(), sourceOf(p.client.ID()), p.lastAcked
	version, stored := p.acked[identity(src, seq)]
	if !stored {
		return
	}
	s, base := p.doc, version
	if s.chance(0.5) {
		base = uint64(len(s.disk.durable))
	}
	c := newSimConn(s.simulation, fmt.Sprint("guest:again-", s.steps), s.name)
	acknowledged, ack := false, string(wire.Ack(wire.Op{Document: s.name, Version: version, Src: id, Seq: seq}))
	c.receive = func(message []byte) {
		acknowledged = acknowledged || string(message) == ack
		if strings.HasPrefix(string(message), `{"a":"s"`) { // everything before has been answered
			newest, _, _ := s.log.newest(src)
			if should := base == version; acknowledged != should && (acknowledged || newest == seq) {
				s.fail("person %d's edit %d, stored at %d and repeated at %d: acknowledged is %v", p.name, seq, version, base, acknowledged)
			}
			c.cut()
		}
	}
	s.tally.Repeats++
	c.toServer(fmt.Appendf(nil, `{"a":"hs","id":%q,"protocol":1}`, id))
	c.toServer(fmt.Appendf(nil, `{"a":"op","c":"documents","d":%q,"v":%d,"src":%q,"seq":%d,"op":[{"insert":"again"}]}`, s.name, base, id, seq))
	c.toServer(fmt.Appendf(nil, `{"a":"s","c":"documents","d":%q,"v":null}`, s.name))
}
