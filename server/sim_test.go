package server

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/quire-editor/quire/ot"
)

var (
	simSeed  = flag.Uint64("sim-seed", 0, "run only this seed of the simulation")
	simSeeds = flag.Uint64("sim-seeds", 200, "how many seeds of the simulation to run")
)

// TestSimulatedFaultsNeverLoseOrDoubleAnEdit runs whole conversations through dropped and half-open connections, crashes
// that lose what was not synced, failing disks, slow readers, panics, and rooms that close and open again. SIMULATION.md
// says what is checked.
func TestSimulatedFaultsNeverLoseOrDoubleAnEdit(t *testing.T) {
	first, last := uint64(1), *simSeeds
	if *simSeed != 0 {
		first, last = *simSeed, *simSeed
	}
	total := &tally{}
	for seed := first; seed <= last; seed++ {
		s := newSimulation(seed)
		if err := s.run(); err != nil {
			t.Fatalf("seed %d: %v\nrerun: go test ./server -run Simulated -sim-seed %d", seed, err, seed)
		}
		total.add(s.tally)
	}
	t.Logf("%d seeds: %+v", last-first+1, *total)
	if *simSeed == 0 && last >= 100 {
		total.requireAll(t)
	}
}

// simulation is a server, its documents and the people who edit them.
type simulation struct {
	*world
	docs       []*simDoc
	devices    []*device
	people     []*person
	conns      []*simConn // those that the server believes open
	principals *principals
	limits     Limits
	tally      tally
	// edits is how many keystrokes are still to come; then no more faults, and everyone settles.
	edits int
	quiet bool
	// clock is by how much, in microseconds, the server's clock is wrong.
	clock int64

	latency, snapshotEvery, tailLength, portion           int64
	pDrop, pCrash, pEvict, pReload, pAPI, pRepeat, pClock float64
	// slow, bad and panics are those of the disks.
	slow        int64
	bad, panics float64
	// buffer is how many messages may be under way to one connection before it is cut.
	buffer int
}

func newSimulation(seed uint64) *simulation {
	w := newWorld(seed)
	pick := func(choices ...float64) float64 { return choices[w.rand.IntN(len(choices))] }
	s := &simulation{
		world: w,
		slow:  int64(pick(200, 3_000, 30_000)), bad: pick(0, 0, 0.01), panics: pick(0, 0, 0.01),
		edits:   30 + w.rand.IntN(120),
		latency: int64(pick(100, 5_000, 60_000)),
		pDrop:   pick(0, 0.01, 0.05), pCrash: pick(0, 0.005, 0.02), pEvict: pick(0, 0.02),
		pReload: pick(0, 0.02), pAPI: pick(0, 0.03), pRepeat: pick(0, 0.03), pClock: pick(0, 0.02),
		buffer:        int(pick(12, 60, 10_000)),
		snapshotEvery: int64(pick(3, 20, 4096)),
		tailLength:    int64(pick(1, 8, 512)),
		portion:       int64(pick(100, 1000, portionBytes)),
		limits:        DefaultLimits,
	}
	s.limits.MessagesPerSecond = int(pick(10, 2000))
	s.limits.BytesPerSecond = int(pick(2_000, 16<<20))
	s.limits.SessionsPerPrincipal = int(pick(1, 3, 200))
	devices := 2 + w.rand.IntN(4)
	if w.rand.IntN(50) == 0 {
		devices = 100 + w.rand.IntN(200)
		s.buffer = 10_000
	}
	s.populate(int(pick(1, 2, 3)), devices)
	return s
}

// populate makes the documents and the people: each device has one of the documents open, or all.
func (s *simulation) populate(documents, devices int) {
	s.principals = newPrincipals(s.limits)
	s.principals.now = func() time.Time { return time.UnixMicro(s.now) }
	s.docs, s.devices, s.people = nil, nil, nil
	for i := range documents {
		s.docs = append(s.docs, newSimDoc(s, []string{"doc", "list", "plan"}[i]))
	}
	for i := range devices {
		docs := s.docs
		if i == 0 || s.chance(0.5) { // somebody has the first
			n := i % len(docs)
			docs = docs[n : n+1]
		}
		s.devices = append(s.devices, newDevice(s, docs, i))
	}
	if devices >= 100 {
		s.tally.Crowds++
	}
}

func (s *simulation) run() error {
	s.start()
	s.tick()
	s.world.run(s.unfinished)
	if s.err == nil {
		s.verify()
	}
	return s.err
}

// start opens every room.
func (s *simulation) start() {
	for _, d := range s.docs {
		d.start()
	}
}

// isUp says whether every room is open.
func (s *simulation) isUp() bool {
	for _, d := range s.docs {
		if !d.up {
			return false
		}
	}
	return true
}

// unfinished says what is still to come; "" when everything has been done and told.
func (s *simulation) unfinished() string {
	switch {
	case !s.quiet:
		return "edits"
	case !s.isUp():
		return "a room"
	case len(s.conns) > s.present():
		return "the end of an old connection"
	}
	for _, d := range s.docs {
		if len(d.disk.unsynced) > 0 {
			return "a sync"
		}
		if slices.ContainsFunc(d.room.members, func(m *member) bool { return m.behind != nil }) {
			return "the rest of what it missed"
		}
	}
	for _, p := range s.people {
		if p.device.gone {
			continue
		}
		if what := p.unsettled(); what != "" {
			return fmt.Sprintf("%s of person %d", what, p.name)
		}
	}
	return ""
}

// present is how many devices have not left for good.
func (s *simulation) present() int {
	n := 0
	for _, d := range s.devices {
		if !d.gone {
			n++
		}
	}
	return n
}

// crash stops the server at once and starts it again a little later.
func (s *simulation) crash() {
	s.tally.Crashes++
	for _, d := range s.docs {
		d.up, d.log.dead = false, true
		d.disk.crash()
	}
	for len(s.conns) > 0 {
		s.conns[0].cut()
	}
	s.after(1_000+s.rand.Int64N(20_000), s.start)
}

// tick is one moment of the people's lives.
func (s *simulation) tick() {
	p := s.people[s.rand.IntN(len(s.people))]
	switch {
	case p.device.gone:
	case p.device.wire == nil && s.isUp() && s.chance(0.5):
		p.device.connect()
	case s.edits > 0 && s.chance(0.7):
		s.edits--
		p.edit()
	case p.wantsToPoint || !s.quiet && s.chance(0.2):
		p.point()
	}
	if !s.quiet && s.isUp() {
		s.mischief(p)
	}
	if s.edits == 0 && !s.quiet {
		s.calm()
	}
	s.after(50+s.rand.Int64N(3_000), s.tick)
}

// calm ends all faults. Somebody leaves for good.
func (s *simulation) calm() {
	s.quiet, s.buffer = true, 1<<30
	for _, d := range s.docs {
		d.disk.bad, d.disk.panics = 0, 0
	}
	if len(s.devices) > 2 {
		s.devices[0].leaves()
	}
}

// mischief is what goes wrong in a moment, and what else goes on.
func (s *simulation) mischief(p *person) {
	switch {
	case s.chance(s.pDrop):
		s.tally.Drops++
		p.device.disconnect(s.chance(0.5))
	case s.chance(s.pCrash):
		s.crash()
	case s.chance(s.pEvict):
		p.doc.evict()
	case s.chance(s.pReload) && p.device.settled():
		s.tally.Reloads++
		p.device.reload()
	case s.chance(s.pRepeat):
		p.repeat()
	case s.chance(s.pAPI):
		p.doc.editByAPI()
	case s.chance(s.pClock):
		s.tally.ClockSteps++
		s.clock = (s.rand.Int64N(3) - 1) * s.rand.Int64N(int64(time.Hour/time.Microsecond))
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
