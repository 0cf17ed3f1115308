package server

import (
	"flag"
	"fmt"
	"log/slog"
	"testing"

	"github.com/quire-editor/quire/e2e/client"
	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/store"
)

var (
	simSeed  = flag.Uint64("sim-seed", 0, "run only this seed of the simulation")
	simSeeds = flag.Uint64("sim-seeds", 200, "how many seeds of the simulation to run")
)

// TestSimulatedFaultsNeverLoseOrDoubleAnEdit runs whole conversations through dropped connections, crashes that lose what
// was not synced, failing disks, slow readers and rooms that close and open again. After each: all copies are equal, every
// acknowledged edit is in the log exactly once, nobody ever saw what is not in the log, and replay equals snapshot.
func TestSimulatedFaultsNeverLoseOrDoubleAnEdit(t *testing.T) {
	first, last := uint64(1), *simSeeds
	if *simSeed != 0 {
		first, last = *simSeed, *simSeed
	}
	for seed := first; seed <= last; seed++ {
		if err := newSimulation(seed).run(); err != nil {
			t.Fatalf("seed %d: %v\nrerun: go test ./server -run Simulated -sim-seed %d", seed, err, seed)
		}
	}
}

// simulation is one document, its server and the people who edit it.
type simulation struct {
	*world
	disk    *disk
	log     *simLog
	room    *Room
	up      bool
	people  []*person
	edits   int
	quiet   bool // no more faults
	latency int64
	pDrop   float64
	pCrash  float64
	pEvict  float64
	// buffer is how many messages may be under way to one person before the connection is cut.
	buffer int
}

// person is a client and its connection.
type person struct {
	sim    *simulation
	name   int
	client *client.Client
	wire   *simConn
	acked  map[uint64]uint64 // seq -> version
	seen   map[uint64]string // version -> src and seq, as shown
}

func newSimulation(seed uint64) *simulation {
	w := newWorld(seed)
	pick := func(choices ...float64) float64 { return choices[w.rand.IntN(len(choices))] }
	s := &simulation{
		world:   w,
		disk:    &disk{world: w, slow: int64(pick(200, 3_000, 30_000)), bad: pick(0, 0, 0.01)},
		edits:   30 + w.rand.IntN(120),
		latency: int64(pick(100, 5_000, 60_000)),
		pDrop:   pick(0, 0.01, 0.05), pCrash: pick(0, 0.005, 0.02), pEvict: pick(0, 0.02),
		buffer: int(pick(4, 30, 10_000)),
	}
	create := change{changeCreate, ot.Delta{ot.InsertText("\n", ot.Attributes{})}}
	s.disk.durable = []store.Record{{Src: "creator", Seq: 1, Payload: create.encode()}}
	for i := range 2 + w.rand.IntN(4) {
		p := &person{sim: s, name: i, client: client.New("doc"), acked: map[uint64]uint64{}, seen: map[uint64]string{}}
		p.client.Acknowledged = func(seq, version uint64) { p.acked[seq] = version }
		p.client.Seen = p.sees
		s.people = append(s.people, p)
	}
	return s
}

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

func (s *simulation) run() error {
	s.start()
	s.tick()
	s.world.run(s.finished)
	if s.err == nil {
		s.verify()
	}
	return s.err
}

func (s *simulation) finished() bool {
	if !s.quiet || !s.up {
		return false
	}
	for _, p := range s.people {
		if !p.client.Loaded() || !p.client.Settled() || p.client.Version() != uint64(len(s.disk.durable)) {
			return false
		}
	}
	return len(s.disk.unsynced) == 0
}

// start opens the room from what the disk holds.
func (s *simulation) start() {
	log := &simLog{disk: s.disk}
	head, snapshotted, err := replay(log, uint64(len(s.disk.durable)))
	if err != nil {
		s.fail("open: %w", err)
		return
	}
	limits := DefaultLimits
	from := loaded{described{meta: metadata{Kind: KindRich}}, head, snapshotted}
	room := openRoom("doc", from, log, func() int64 { return s.now / 1000 }, limits, slog.New(slog.DiscardHandler))
	log.advance = func() {
		room.Advance()
		s.considerFailure()
	}
	s.log, s.room, s.up = log, room, true
}

// considerFailure replaces a room that can no longer be used.
func (s *simulation) considerFailure() {
	if s.up && s.room.failed != nil {
		s.crash()
	}
}

// crash stops the server at once and starts it again a little later.
func (s *simulation) crash() {
	s.up = false
	s.log.dead = true
	s.disk.crash()
	for _, p := range s.people {
		p.disconnect()
	}
	s.after(1_000+s.rand.Int64N(20_000), s.start)
}

// evict closes an idle room and opens it again, as when the last reader leaves.
func (s *simulation) evict() {
	if len(s.disk.unsynced) > 0 || s.room.durable != s.room.head.revision {
		return
	}
	for _, p := range s.people {
		p.disconnect()
	}
	s.room.snapshot()
	s.log.dead = true
	s.start()
}

// tick is one moment of the people's lives.
func (s *simulation) tick() {
	p := s.people[s.rand.IntN(len(s.people))]
	switch {
	case p.wire == nil && s.up:
		p.connect()
	case s.edits > 0 && s.chance(0.7):
		s.edits--
		p.edit()
	}
	if !s.quiet && s.up {
		switch {
		case s.chance(s.pDrop):
			p.disconnect()
		case s.chance(s.pCrash):
			s.crash()
		case s.chance(s.pEvict):
			s.evict()
		}
	}
	if s.edits == 0 {
		s.quiet, s.disk.bad, s.buffer = true, 0, 1<<30
	}
	s.after(50+s.rand.Int64N(3_000), s.tick)
}

func (p *person) edit() {
	text := p.client.Text()
	length := text.Len()
	if !p.client.Loaded() || length == 0 {
		return
	}
	if _, err := p.client.Edit(p.sim.randomEdit(length, p.name)); err != nil {
		p.sim.fail("person %d: %w", p.name, err)
	}
}

// randomEdit changes a document of some length and leaves its final newline alone.
func (s *simulation) randomEdit(length, name int) ot.Delta {
	at := s.rand.IntN(length)
	if s.chance(0.3) {
		at = 0 // provoke ties
	}
	room := length - 1 - at
	bold, _ := ot.ParseAttributes(fmt.Sprintf(`{"bold":%d}`, s.rand.IntN(3)))
	d := ot.Delta{}
	if at > 0 {
		d = append(d, ot.RetainOp(at, ot.Attributes{}))
	}
	switch kind := s.rand.IntN(10); {
	case kind < 2 && room > 0:
		return append(d, ot.DeleteOp(1+s.rand.IntN(min(room, 4))))
	case kind < 4 && room > 0:
		return append(d, ot.RetainOp(1+s.rand.IntN(min(room, 6)), bold))
	case kind < 5 && room > 0: // typed over a selection
		return append(d, ot.InsertText("é", ot.Attributes{}), ot.DeleteOp(1+s.rand.IntN(min(room, 4))))
	case kind < 6:
		return append(d, ot.InsertText("😀", bold))
	}
	return append(d, ot.InsertText(string(rune('a'+name)), ot.Attributes{}))
}

func (p *person) connect() {
	s := p.sim
	c := &simConn{sim: s, open: true, person: p}
	room := s.room
	c.session = &session{conn: c, room: simInbox{s, room}, document: "doc", principal: fmt.Sprint("guest:", p.name), limits: ot.DefaultLimits}
	p.wire = c
	p.client.Connected(c.toServer)
}

// disconnect ends the connection; what is under way in both directions is lost.
func (p *person) disconnect() {
	if p.wire == nil {
		return
	}
	p.wire.open = false
	p.wire.session.leave()
	p.wire = nil
	p.client.Disconnected()
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
	(&runner{room: in.room}).handle(e)
	in.sim.considerFailure()
}

// simConn is an ordered connection with delays, both ways.
type simConn struct {
	sim                    *simulation
	person                 *person
	session                *session
	open                   bool
	upArrival, downArrival int64
	underWay               int
}

func (c *simConn) toServer(message []byte) {
	c.upArrival = c.deliver(c.upArrival, func() { c.session.receive(message) })
}

func (c *simConn) SendLatest(_ string, message []byte) { c.Send(message) }

func (c *simConn) Send(message []byte) {
	if c.underWay++; c.underWay > c.sim.buffer {
		c.Close(CloseTryAgain, "too slow")
		return
	}
	c.downArrival = c.deliver(c.downArrival, func() {
		c.underWay--
		if err := c.person.client.Receive(message); err != nil {
			c.sim.fail("person %d: %w", c.person.name, err)
		}
	})
}

// deliver runs f after a delay, behind everything sent before, unless the connection has ended by then.
func (c *simConn) deliver(notBefore int64, f func()) (arrival int64) {
	arrival = max(notBefore, c.sim.now+1+c.sim.rand.Int64N(c.sim.latency))
	c.sim.after(arrival-c.sim.now, func() {
		if c.open {
			f()
		}
	})
	return arrival
}

// Close is noticed by the other side a little later, as on a network.
func (c *simConn) Close(int, string) {
	c.sim.after(0, func() {
		if c.open && c.person.wire == c {
			c.person.disconnect()
		}
	})
}

// verify compares every copy with the log.
func (s *simulation) verify() {
	straight := newState()
	once := map[string]uint64{}
	for _, r := range s.disk.durable {
		c, err := decodeChange(r.Payload)
		if err == nil {
			err = straight.apply(c)
		}
		if err != nil {
			s.fail("replay of record %d: %w", r.Revision, err)
			return
		}
		key := fmt.Sprint(r.Src, "/", r.Seq)
		if _, twice := once[key]; twice {
			s.fail("%s is in the log twice", key)
		}
		once[key] = r.Revision
	}
	opened, _, err := replay(s.log, uint64(len(s.disk.durable)))
	if err != nil {
		s.fail("replay from snapshot: %w", err)
		return
	}
	s.equal("opened from a snapshot", opened.text, straight.text)
	s.equal("the room's head", s.room.head.text, straight.text)
	for _, p := range s.people {
		s.equal(fmt.Sprint("person ", p.name), p.client.Text(), straight.text)
		for seq, version := range p.acked {
			if at, ok := once[fmt.Sprint(sourceOf(p.client.ID()), "/", seq)]; !ok || at != version {
				s.fail("person %d's edit %d was acknowledged at %d; the log has it at %d (%v)", p.name, seq, version, at, ok)
			}
		}
	}
}

func (s *simulation) equal(what string, got, want *ot.Document) {
	if g, w := ot.Normalize(got.Delta()), ot.Normalize(want.Delta()); !g.Equal(w) {
		s.fail("%s differs from the log:\n%s\n%s", what, g, w)
	}
}
