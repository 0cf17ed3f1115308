package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/quire-editor/quire/e2e/client"
	"github.com/quire-editor/quire/server/wire"
)

// person is a client, its connection, and what it knows of others' cursors.
type person struct {
	sim    *simulation
	name   int
	client *client.Client
	wire   *simConn
	acked  map[string]uint64 // src and seq -> version
	// lastAcked is the newest sequence number that was acknowledged.
	lastAcked uint64

	// The cursor: pointed is what was announced last, answered the pv that the server has answered.
	pointed      *pointing
	pv, answered uint64
	wantsToPoint bool
	// told is what the server said of others since this connection subscribed to presences, by src.
	told map[string]pointing
	// gone says that the person has left for good.
	gone bool
	// refused is called with refusals, if not nil; otherwise one is a failure.
	refused func(error)
}

// pointing is a cursor as it was at a version.
type pointing struct {
	version uint64
	index   int
}

func newPerson(s *simulation, name int) *person {
	p := &person{sim: s, name: name, acked: map[string]uint64{}}
	p.reset()
	return p
}

// reset makes the person somebody new: a page loaded again.
func (p *person) reset() {
	c := client.New("doc")
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
	if version >= uint64(len(p.sim.disk.durable)) {
		p.sim.fail("person %d was shown version %d, but the log has only %d records", p.name, version, len(p.sim.disk.durable))
		return
	}
	r := p.sim.disk.durable[version]
	own := src == p.client.ID() && r.Src == sourceOf(src)
	if !own && r.Src != src || r.Seq != seq {
		p.sim.fail("person %d was shown %s/%d at version %d; the log has %s/%d", p.name, src, seq, version, r.Src, r.Seq)
	}
}

// unsettled says what is still to be expected; "" when all work is stored and everything told.
func (p *person) unsettled() string {
	switch {
	case p.wire == nil:
		return "the connection"
	case !p.client.Loaded():
		return "the document"
	case !p.client.Settled():
		return "an acknowledgement"
	case p.client.Version() != uint64(len(p.sim.disk.durable)):
		return "a record"
	case p.wantsToPoint || p.answered != p.pv:
		return "a cursor"
	case p.wire.underWay+p.wire.upUnderWay > 0:
		return "a message"
	}
	return ""
}

func (p *person) edit() {
	length := p.client.Text().Len()
	if !p.client.Loaded() || length == 0 {
		return
	}
	if _, err := p.client.Edit(p.sim.randomEdit(length, p.name)); err != nil {
		p.sim.fail("person %d: %w", p.name, err)
	}
}

// point announces a cursor, as clients do: only when all their work is stored.
func (p *person) point() {
	if p.wire == nil || !p.wire.listening || !p.client.Loaded() || !p.client.Settled() {
		return
	}
	p.wantsToPoint = false
	p.pv++
	p.pointed = &pointing{p.client.Version(), p.sim.rand.IntN(p.client.Text().Len())}
	p.wire.toServer(fmt.Appendf(nil, `{"a":"p","ch":"documents.doc","id":"caret","p":{"index":%d,"length":0},"pv":%d,"v":%d}`,
		p.pointed.index, p.pv, p.pointed.version))
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
		p.sim.fail("person %d got %s: %w", p.name, message, err)
		return
	}
	switch m.Action {
	case "hs":
		p.wire.listening = true
		p.wire.toServer([]byte(`{"a":"ps","ch":"documents.doc","seq":1}`))
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
		if m.Version > uint64(len(p.sim.disk.durable)) {
			p.sim.fail("person %d was told of a cursor in version %d, which is not durable", p.name, m.Version)
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
	p.sim.fail("person %d: %w", p.name, err)
}

func (p *person) connect() {
	c := newSimConn(p.sim, fmt.Sprint("guest:", p.name))
	c.receive, c.lost = p.receive, p.loses
	p.wire, p.told = c, map[string]pointing{}
	p.client.Connected(c.toServer)
}

// loses is called when the connection has ended on the person's side.
func (p *person) loses() {
	p.wire = nil
	p.wantsToPoint = false // until it is asked again
	p.answered = p.pv      // what was not answered never will be
	p.client.Disconnected()
}

// disconnect ends the connection. With halfOpen the server does not notice for a while: what was sent to it still arrives,
// what it sends is lost.
func (p *person) disconnect(halfOpen bool) {
	if p.wire == nil {
		return
	}
	c := p.wire
	if !halfOpen {
		c.cut()
		return
	}
	p.sim.tally.HalfOpen++
	c.down = false
	p.loses()
	p.sim.after(1+p.sim.rand.Int64N(50*p.sim.latency), c.cut)
}

// leaves ends the person's part in the simulation, whatever is not stored yet.
func (p *person) leaves() {
	p.disconnect(p.sim.chance(0.5))
	p.gone = true
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
	s, base := p.sim, version
	if s.chance(0.5) {
		base = uint64(len(s.disk.durable))
	}
	c, acknowledged := newSimConn(s, "guest:again"), false
	ack := string(wire.Ack(wire.Op{Document: "doc", Version: version, Src: id, Seq: seq}))
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
	c.toServer(fmt.Appendf(nil, `{"a":"op","c":"documents","d":"doc","v":%d,"src":%q,"seq":%d,"op":[{"insert":"again"}]}`, base, id, seq))
	c.toServer([]byte(`{"a":"s","c":"documents","d":"doc","v":null}`))
}

// simConn is an ordered connection with delays, both ways.
type simConn struct {
	sim     *simulation
	session *session
	// receive takes what arrives at the client; lost is called when its side has ended.
	receive func([]byte)
	lost    func()
	// up and down say whether each direction still works.
	up, down               bool
	listening              bool
	queue                  outbox
	upArrival, downArrival int64
	underWay, upUnderWay   int
}

func newSimConn(s *simulation, principal string) *simConn {
	c := &simConn{sim: s, up: true, down: true, receive: func([]byte) {}, lost: func() {}}
	c.session = newSession(c, simEntrance{s}, "doc", newPrincipal(principal, DefaultLimits, time.Time{}), DefaultLimits)
	s.conns = append(s.conns, c)
	return c
}

// simEntrance leads to the one room of the simulation; other documents cannot be read.
type simEntrance struct{ sim *simulation }

func (e simEntrance) enter(document string) (inbox, func(), error) {
	if document != "doc" {
		return nil, nil, errSimulatedDisk
	}
	return simInbox{e.sim, e.sim.room}, func() {}, nil
}

func (e simEntrance) version(_ string, revision *uint64) (wire.Snapshot, error) {
	at := uint64(len(e.sim.disk.durable))
	if revision != nil {
		at = min(at, *revision)
	}
	st, _, err := replay(e.sim.log, at)
	if err != nil {
		return wire.Snapshot{}, err
	}
	return wire.Snapshot{Version: at, Exists: st.exists, Data: st.text.Delta()}, nil
}

func (e simEntrance) moment(document string, _ *uint64) (wire.Snapshot, error) {
	return e.version(document, nil)
}

// simInbox handles events at once: the simulation has one thread.
type simInbox struct {
	sim  *simulation
	room *Room
}

func (in simInbox) post(e event) {
	if in.sim.room != in.room || !in.sim.up {
		return
	}
	in.sim.guard(in.room, func() { (&runner{room: in.room}).handle(e) })
}

func (in simInbox) retire(m *member) (retired bool) {
	in.post(event{kind: eventCall, call: func(r *Room) { retired = r.Retire(m) }})
	return retired
}

func (c *simConn) toServer(message []byte) {
	c.upUnderWay++
	c.upArrival = c.deliver(c.upArrival, func() {
		c.upUnderWay--
		if c.up {
			c.session.receive(message)
		}
	})
}

func (c *simConn) Queue(key string, m message) { c.queue.push(key, m) }

// Flush sends what waits. What is never flushed never arrives.
func (c *simConn) Flush(bool) {
	for !c.queue.empty() {
		c.send(c.queue.pop().text)
	}
}

func (c *simConn) send(message []byte) {
	if c.underWay++; c.underWay > c.sim.buffer {
		c.Close(CloseTryAgain, "too slow")
		return
	}
	c.downArrival = c.deliver(c.downArrival, func() {
		c.underWay--
		if c.down {
			c.receive(message)
		}
	})
}

// deliver runs f after a delay, behind everything sent before.
func (c *simConn) deliver(notBefore int64, f func()) (arrival int64) {
	arrival = max(notBefore, c.sim.now+1+c.sim.rand.Int64N(c.sim.latency))
	c.sim.after(arrival-c.sim.now, f)
	return arrival
}

// Ready is after everything that is under way has arrived.
func (c *simConn) Ready(f func()) {
	c.sim.after(1+max(0, c.downArrival-c.sim.now), func() {
		if c.up {
			f()
		}
	})
}

// Close is noticed by the other side a little later, as on a network.
func (c *simConn) Close(int, string) <-chan struct{} {
	c.sim.after(0, c.cut)
	return nil
}

// cut ends both sides; what is under way is lost.
func (c *simConn) cut() {
	wasDown, wasUp := c.down, c.up
	c.down, c.up = false, false
	if wasUp {
		c.sim.conns = slices.DeleteFunc(c.sim.conns, func(other *simConn) bool { return other == c })
		c.session.end()
	}
	if wasDown {
		c.lost()
	}
}
