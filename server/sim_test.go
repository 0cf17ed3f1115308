package server

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"testing"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/store"
)

var (
	simSeed  = flag.Uint64("sim-seed", 0, "run only this seed of the simulation")
	simSeeds = flag.Uint64("sim-seeds", 150, "how many seeds of the simulation to run")
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

// simulation is one document, its server and the people who edit it.
type simulation struct {
	*world
	disk *disk
	log  *simLog
	room *Room
	up   bool
	// openedAt is the revision at which the room was opened.
	openedAt uint64
	people   []*person
	conns    []*simConn // those that the server believes open
	tally    tally
	// edits is how many keystrokes are still to come; then no more faults, and everyone settles.
	edits int
	quiet bool

	latency, snapshotEvery, tailLength, portion   int64
	pDrop, pCrash, pEvict, pReload, pAPI, pRepeat float64
	// buffer is how many messages may be under way to one person before the connection is cut.
	buffer int
}

func newSimulation(seed uint64) *simulation {
	w := newWorld(seed)
	pick := func(choices ...float64) float64 { return choices[w.rand.IntN(len(choices))] }
	s := &simulation{
		world:   w,
		disk:    &disk{world: w, slow: int64(pick(200, 3_000, 30_000)), bad: pick(0, 0, 0.01), panics: pick(0, 0, 0.01)},
		edits:   30 + w.rand.IntN(120),
		latency: int64(pick(100, 5_000, 60_000)),
		pDrop:   pick(0, 0.01, 0.05), pCrash: pick(0, 0.005, 0.02), pEvict: pick(0, 0.02),
		pReload: pick(0, 0.02), pAPI: pick(0, 0.03), pRepeat: pick(0, 0.03),
		buffer:        int(pick(12, 60, 10_000)),
		snapshotEvery: int64(pick(3, 20, 4096)),
		tailLength:    int64(pick(1, 8, 512)),
		portion:       int64(pick(100, 1000, portionBytes)),
	}
	create := change{changeCreate, ot.Delta{ot.InsertText("\n", ot.Attributes{})}}
	s.disk.durable = []store.Record{{Src: "creator", Seq: 1, Payload: create.encode()}}
	for i := range 2 + w.rand.IntN(4) {
		s.people = append(s.people, newPerson(s, i))
	}
	return s
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

// unfinished says what is still to come; "" when everything has been done and told.
func (s *simulation) unfinished() string {
	switch {
	case !s.quiet:
		return "edits"
	case !s.up:
		return "the room"
	case len(s.disk.unsynced) > 0:
		return "a sync"
	case len(s.conns) > s.present():
		return "the end of an old connection"
	}
	for _, p := range s.people {
		if p.gone {
			continue
		}
		if what := p.unsettled(); what != "" {
			return fmt.Sprintf("%s of person %d", what, p.name)
		}
	}
	return ""
}

// present is how many people have not left for good.
func (s *simulation) present() int {
	n := 0
	for _, p := range s.people {
		if !p.gone {
			n++
		}
	}
	return n
}

// start opens the room from what the disk holds.
func (s *simulation) start() {
	log := &simLog{disk: s.disk}
	head, snapshotted, err := replay(log, uint64(len(s.disk.durable)))
	if err != nil {
		s.fail("open: %w", err)
		return
	}
	if snapshotted > 0 {
		s.tally.OpenedFromSnapshot++
	}
	s.equal("opened from a snapshot", head.text, s.straight(len(s.disk.durable)).text)
	from := loaded{described{meta: metadata{Kind: KindRich}}, head, snapshotted}
	room := openRoom("doc", from, log, func() int64 { return s.now / 1000 }, DefaultLimits, slog.New(slog.DiscardHandler))
	room.snapshotEvery, room.tail.length = uint64(s.snapshotEvery), uint64(s.tailLength)
	room.portion = int(s.portion)
	room.reenter = func(f func()) { simInbox{s, room}.post(event{kind: eventCall, call: func(*Room) { f() }}) }
	log.advance = func() { s.guard(room, room.Advance) }
	s.log, s.room, s.up, s.openedAt = log, room, true, head.revision
}

// guard runs f in a room as the runner does: a panic ends the room, and so does a failure.
func (s *simulation) guard(room *Room, f func()) {
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); !ok || !errors.Is(err, errSimulatedPanic) {
				s.fail("the room panicked: %v", p)
			}
			room.fail(errSimulatedPanic)
		}
		if s.up && s.room == room && room.failed != nil {
			s.afterFailure()
		}
	}()
	f()
	room.Flush(false)
}

// afterFailure does what the server does with a failed room: if the store still knows what is on disk, the document is
// opened again when that is settled; if not, the process starts anew.
func (s *simulation) afterFailure() {
	if s.log.err != nil {
		s.crash()
		return
	}
	s.tally.Panics++
	s.up = false
	s.hangUp()
	s.reopenAtRest()
}

func (s *simulation) reopenAtRest() {
	if len(s.disk.unsynced) > 0 {
		s.after(100, s.reopenAtRest)
		return
	}
	s.log.dead = true
	s.start()
}

// crash stops the server at once and starts it again a little later.
func (s *simulation) crash() {
	s.tally.Crashes++
	s.up = false
	s.log.dead = true
	s.disk.crash()
	s.hangUp()
	s.after(1_000+s.rand.Int64N(20_000), s.start)
}

// hangUp ends every connection, as the end of a room does.
func (s *simulation) hangUp() {
	for len(s.conns) > 0 {
		s.conns[0].cut()
	}
}

// evict closes an idle room and opens it again, as when the last reader leaves.
func (s *simulation) evict() {
	if len(s.disk.unsynced) > 0 || s.room.durable != s.room.head.revision {
		return
	}
	s.tally.Evictions++
	s.hangUp()
	s.room.snapshot()
	s.log.dead = true
	s.start()
}

// tick is one moment of the people's lives.
func (s *simulation) tick() {
	p := s.people[s.rand.IntN(len(s.people))]
	switch {
	case p.gone:
	case p.wire == nil && s.up && s.chance(0.5):
		p.connect()
	case s.edits > 0 && s.chance(0.7):
		s.edits--
		p.edit()
	case p.wantsToPoint || !s.quiet && s.chance(0.2):
		p.point()
	}
	if !s.quiet && s.up {
		s.mischief(p)
	}
	if s.edits == 0 && !s.quiet {
		s.quiet, s.disk.bad, s.disk.panics, s.buffer = true, 0, 0, 1<<30
		if len(s.people) > 2 {
			s.people[0].leaves()
		}
	}
	s.after(50+s.rand.Int64N(3_000), s.tick)
}

// mischief is what goes wrong in a moment, and what else goes on.
func (s *simulation) mischief(p *person) {
	switch {
	case s.chance(s.pDrop):
		s.tally.Drops++
		p.disconnect(s.chance(0.5))
	case s.chance(s.pCrash):
		s.crash()
	case s.chance(s.pEvict):
		s.evict()
	case s.chance(s.pReload) && p.client.Settled():
		s.tally.Reloads++
		p.disconnect(false)
		p.reset()
	case s.chance(s.pRepeat):
		p.repeat()
	case s.chance(s.pAPI):
		s.editByAPI()
	}
}

// editByAPI changes the document as a request over HTTP does: it asks for a view and submits an edit of that.
func (s *simulation) editByAPI() {
	room := s.room
	s.guard(room, func() {
		room.View(func(v View) {
			s.tally.APIEdits++
			if v.Revision > uint64(len(s.disk.durable)) {
				s.fail("a view of revision %d was shown, but only %d records are durable", v.Revision, len(s.disk.durable))
				return
			}
			s.equal("a view", v.text, s.straight(int(v.Revision)).text)
			src, length := fmt.Sprint("api-", s.steps), v.text.Len()
			s.after(1+s.rand.Int64N(s.latency), func() {
				s.guard(room, func() { s.submitByAPI(room, src, v.Revision, length) })
			})
		})
	})
}

func (s *simulation) submitByAPI(room *Room, src string, base uint64, length int) {
	if s.room != room || !s.up {
		return
	}
	at := room.head.revision
	err := room.admit(submission{
		src: src, seq: 1, base: base, change: change{changeEdit, s.randomEdit(length, 9)}, principal: "guest:api",
		answer: func(err error) {
			if err == nil && (at >= uint64(len(s.disk.durable)) || s.disk.durable[at].Src != src) {
				s.fail("%s was told that its edit is stored at %d", src, at)
			}
		},
	})
	if err != nil && room.failed == nil {
		s.fail("%s: %w", src, err)
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
