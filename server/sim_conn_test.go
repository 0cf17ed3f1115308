package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/wire"
)

// device is somebody's browser: the documents it has open share one connection.
type device struct {
	sim    *simulation
	name   string
	people []*person // one for each document
	wire   *simConn
	// greetings are those who wait for the answer to their handshake, in order; subscriptions are requests to be made in one.
	greetings     []*person
	subscriptions map[string]json.RawMessage
	// gone says that it has left for good.
	gone bool
}

func newDevice(s *simulation, docs []*simDoc, name int) *device {
	d := &device{sim: s, name: fmt.Sprint("guest:", name)}
	for _, doc := range docs {
		p := newPerson(doc, d, len(s.people))
		d.people = append(d.people, p)
		s.people = append(s.people, p)
	}
	return d
}

// settled says that all its work is stored.
func (d *device) settled() bool {
	return !slices.ContainsFunc(d.people, func(p *person) bool { return !p.client.Settled() })
}

func (d *device) connect() {
	document := ""
	if len(d.people) == 1 {
		document = d.people[0].doc.name
	} else {
		d.sim.tally.Shared++
	}
	c := newSimConn(d.sim, d.name, document)
	if c == nil {
		return // it comes back later
	}
	c.receive, c.lost = d.receive, d.loses
	d.wire, d.greetings, d.subscriptions = c, slices.Clone(d.people), map[string]json.RawMessage{}
	inBulk := len(d.people) > 1 && d.sim.chance(0.5)
	for _, p := range d.people {
		p.told = map[string]pointing{}
		p.client.Connected(func(message []byte) {
			if !inBulk || !d.subscribeLater(message) {
				c.toServer(message)
			}
		})
	}
}

// subscribeLater keeps a subscription, to be made in one request with those of the other documents: of those of which no
// version is known, and of the others.
func (d *device) subscribeLater(message []byte) bool {
	var m struct {
		Action   string          `json:"a"`
		Document string          `json:"d"`
		Version  json.RawMessage `json:"v"`
	}
	if err := json.Unmarshal(message, &m); err != nil || m.Action != "s" {
		return false
	}
	d.subscriptions[m.Document] = m.Version
	if len(d.subscriptions) < len(d.people) {
		return true
	}
	d.sim.tally.Bulk++
	var names, versions []string
	for _, p := range d.people {
		if v := string(d.subscriptions[p.doc.name]); v == "null" {
			names = append(names, fmt.Sprintf("%q", p.doc.name))
		} else {
			versions = append(versions, fmt.Sprintf("%q:%s", p.doc.name, v))
		}
	}
	if len(names) > 0 {
		d.wire.toServer([]byte(`{"a":"bs","c":"documents","b":[` + strings.Join(names, ",") + `]}`))
	}
	if len(versions) > 0 {
		d.wire.toServer([]byte(`{"a":"bs","c":"documents","b":{` + strings.Join(versions, ",") + `}}`))
	}
	return true
}

// receive gives a message to whom it is for.
func (d *device) receive(message []byte) {
	var m struct {
		Action   string                     `json:"a"`
		Document string                     `json:"d"`
		Channel  string                     `json:"ch"`
		Versions map[string]json.RawMessage `json:"b"`
		Data     json.RawMessage            `json:"data"`
	}
	if err := json.Unmarshal(message, &m); err != nil {
		_ = json.Unmarshal(message, &m.Action) // a list in "b"
	}
	if m.Action == "hs" {
		p := d.greetings[0]
		d.greetings = d.greetings[1:]
		p.receive(message)
		return
	}
	var snapshots map[string]json.RawMessage
	if m.Action == "bs" && m.Data != nil {
		_ = json.Unmarshal(m.Data, &snapshots)
	}
	for _, p := range slices.Clone(d.people) {
		name := p.doc.name
		switch _, known := m.Versions[name]; {
		case m.Document == name || m.Channel == channelOf(name):
			p.receive(message)
		case m.Action == "bs" && known:
			p.receive(fmt.Appendf(nil, `{"a":"s","c":"documents","d":%q}`, name))
		case snapshots[name] != nil:
			p.receive(fmt.Appendf(nil, `{"a":"s","c":"documents","d":%q,"data":%s}`, name, snapshots[name]))
		}
	}
}

// loses is called when the connection has ended on this side.
func (d *device) loses() {
	d.wire = nil
	for _, p := range d.people {
		p.loses()
	}
}

// disconnect ends the connection. With halfOpen the server does not notice for a while: what was sent to it still arrives,
// what it sends is lost.
func (d *device) disconnect(halfOpen bool) {
	if d.wire == nil {
		return
	}
	c := d.wire
	if !halfOpen {
		c.cut()
		return
	}
	d.sim.tally.HalfOpen++
	c.down = false
	d.loses()
	d.sim.after(1+d.sim.rand.Int64N(50*d.sim.latency), c.cut)
}

// reload makes everybody on it somebody new: a page loaded again.
func (d *device) reload() {
	d.disconnect(false)
	for _, p := range d.people {
		p.reset()
	}
}

// leaves ends its part in the simulation, whatever is not stored yet.
func (d *device) leaves() {
	d.disconnect(d.sim.chance(0.5))
	d.gone = true
}

// simConn is an ordered connection with delays, both ways.
type simConn struct {
	sim     *simulation
	session *session
	who     *principal
	// document is the only one that the connection is for; "" for any.
	document string
	// receive takes what arrives at the client; lost is called when its side has ended.
	receive func([]byte)
	lost    func()
	// up and down say whether each direction still works.
	up, down bool
	queue    outbox
	// inbound are messages that have arrived and are not read yet, while reading is held up.
	inbound                [][]byte
	waits                  bool
	upArrival, downArrival int64
	underWay, upUnderWay   int
}

// newSimConn opens a connection; nil if somebody has too many.
func newSimConn(s *simulation, name, document string) *simConn {
	who, err := s.principals.enter(name)
	if err != nil {
		s.tally.Refused++
		return nil
	}
	c := &simConn{sim: s, who: who, document: document, up: true, down: true, receive: func([]byte) {}, lost: func() {}}
	c.session = newSession(c, simEntrance{s}, document, &visit{who: who, caller: access.Caller{Principal: name, Person: personOf(name)}}, &s.limits)
	s.conns = append(s.conns, c)
	return c
}

// isIn says whether a connection ends with the room of a document.
func (c *simConn) isIn(d *simDoc) bool { return c.document == d.name || c.session.seat(d.name) != nil }

// simEntrance leads to the rooms of the simulation; other documents cannot be read.
type simEntrance struct{ sim *simulation }

func (e simEntrance) find(document string) *simDoc {
	for _, d := range e.sim.docs {
		if d.name == document {
			return d
		}
	}
	return nil
}

func (e simEntrance) enter(document string) (inbox, func(), error) {
	if d := e.find(document); d != nil {
		return simInbox{d, d.room}, func() {}, nil
	}
	return nil, nil, errSimulatedDisk
}

func (e simEntrance) version(document string, revision *uint64) (wire.Snapshot, error) {
	d := e.find(document)
	if d == nil {
		return wire.Snapshot{}, errSimulatedDisk
	}
	at := uint64(len(d.disk.durable))
	if revision != nil {
		at = min(at, *revision)
	}
	st, _, err := replay(d.log, at)
	if err != nil {
		return wire.Snapshot{}, err
	}
	return wire.Snapshot{Version: at, Exists: st.exists, Data: st.text.Delta()}, nil
}

// rights are those of an owner: everybody may do everything in the simulation.
func (e simEntrance) rights(string, *access.Caller) (access.Rights, error) {
	return access.Of(access.Owner), nil
}

func (e simEntrance) keepInformed(string, *access.Caller) error { return nil }

func (e simEntrance) show(*visit, string, bool) error { return errToken }

func (e simEntrance) moment(document string, _ *uint64) (wire.Snapshot, error) {
	return e.version(document, nil)
}

// simInbox handles events at once: the simulation has one thread.
type simInbox struct {
	doc  *simDoc
	room *Room
}

func (in simInbox) post(e event) {
	if in.doc.room != in.room || !in.doc.up {
		return
	}
	in.doc.guard(in.room, func() { (&runner{room: in.room}).handle(e) })
}

func (in simInbox) retire(m *member) (retired bool) {
	in.post(event{kind: eventCall, call: func(r *Room) { retired = r.Retire(m) }})
	return retired
}

func (c *simConn) toServer(message []byte) {
	c.upUnderWay++
	c.upArrival = c.deliver(c.upArrival, func() {
		c.inbound = append(c.inbound, message)
		c.read()
	})
}

// read reads what has arrived, as fast as its sender may be read. While a room is being opened, whoever may want to enter it
// waits.
func (c *simConn) read() {
	for len(c.inbound) > 0 && !c.waits {
		if c.up && c.document == "" && !c.sim.isUp() {
			c.readLater(100)
			return
		}
		message := c.inbound[0]
		c.inbound = c.inbound[1:]
		c.upUnderWay--
		if !c.up {
			continue
		}
		c.session.receive(message)
		if wait := c.who.take(c.sim.principals.now(), len(message)); wait > 0 {
			c.sim.tally.Waits++
			c.readLater(wait.Microseconds() + 1)
		}
	}
}

func (c *simConn) readLater(delay int64) {
	c.waits = true
	c.sim.after(delay, func() {
		c.waits = false
		c.read()
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
		c.sim.principals.leave(c.who)
	}
	if wasDown {
		c.lost()
	}
}
