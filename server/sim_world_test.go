package server

import (
	"container/heap"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/quire-editor/quire/store"
)

// The simulation drives the real room and session code, and the client that the load tests use, on virtual time: one
// thread, one seed that decides every delay, fault and keystroke. Nothing in it sleeps and nothing depends on the machine.

// world is virtual time and chance.
type world struct {
	rand  *rand.Rand
	now   int64 // microseconds
	steps int
	queue timeline
	err   error
}

func newWorld(seed uint64) *world {
	return &world{rand: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), now: 1_000_000}
}

// fail remembers the first thing that went wrong.
func (w *world) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("at %d µs: %w", w.now, fmt.Errorf(format, args...))
	}
}

// after runs f once a delay in microseconds has passed.
func (w *world) after(delay int64, f func()) {
	w.steps++
	heap.Push(&w.queue, happening{w.now + delay, w.steps, f})
}

func (w *world) chance(p float64) bool { return w.rand.Float64() < p }

// run lets time pass until nothing is unfinished, nothing is left to happen, or something went wrong.
func (w *world) run(unfinished func() string) {
	for w.err == nil {
		what := unfinished()
		if what == "" {
			return
		}
		if len(w.queue) == 0 || w.steps > 400_000 {
			w.fail("after %d steps everyone still waits for %s", w.steps, what)
			return
		}
		next := heap.Pop(&w.queue).(happening)
		w.now = next.at
		next.run()
	}
}

type happening struct {
	at    int64
	order int
	run   func()
}

type timeline []happening

func (t timeline) Len() int { return len(t) }
func (t timeline) Less(i, j int) bool {
	return t[i].at < t[j].at || t[i].at == t[j].at && t[i].order < t[j].order
}
func (t timeline) Swap(i, j int) { t[i], t[j] = t[j], t[i] }
func (t *timeline) Push(x any)   { *t = append(*t, x.(happening)) }
func (t *timeline) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}

var (
	errSimulatedDisk  = errors.New("fsync failed: outcome unknown")
	errSimulatedPanic = errors.New("planted by the simulation")
)

// disk is a document's log as a crash leaves it: what was synced, and a random part of what was not.
type disk struct {
	world     *world
	durable   []store.Record
	unsynced  []store.Record
	snapshots []store.Snapshot
	// slow is the longest fsync in microseconds; bad is the probability that one fails, panics that a call panics.
	slow        int64
	bad, panics float64
}

// mayPanic stands for a bug in whatever the room is doing at this moment.
func (d *disk) mayPanic() {
	if d.world.chance(d.panics) {
		panic(errSimulatedPanic)
	}
}

// crash forgets what a power cut forgets.
func (d *disk) crash() {
	survives := d.world.rand.IntN(len(d.unsynced) + 1)
	d.durable = append(d.durable, d.unsynced[:survives]...)
	d.unsynced = nil
}

// simLog is the Log of one life of the room.
type simLog struct {
	disk    *disk
	advance func()
	err     error
	dead    bool
	syncing bool
}

func (l *simLog) Append(r store.Record, _ []byte) error {
	d := l.disk
	d.mayPanic()
	if at := uint64(len(d.durable) + len(d.unsynced)); r.Revision != at {
		d.world.fail("append at revision %d to a log at %d", r.Revision, at)
	}
	d.unsynced = append(d.unsynced, r)
	l.sync()
	return nil
}

// sync makes durable what has gathered, one fsync at a time.
func (l *simLog) sync() {
	if l.syncing || len(l.disk.unsynced) == 0 {
		return
	}
	l.syncing = true
	n := len(l.disk.unsynced)
	l.disk.world.after(50+l.disk.world.rand.Int64N(l.disk.slow), func() {
		if l.dead {
			return
		}
		l.syncing = false
		if l.disk.world.chance(l.disk.bad) {
			l.err = errSimulatedDisk
			l.disk.crash()
		} else {
			l.disk.durable = append(l.disk.durable, l.disk.unsynced[:n]...)
			l.disk.unsynced = l.disk.unsynced[n:]
			l.sync()
		}
		l.advance()
	})
}

func (l *simLog) Durable() (uint64, error) { return uint64(len(l.disk.durable)), l.err }

func (l *simLog) Records(from, to uint64, fn func(store.Record) error) error {
	if to > uint64(len(l.disk.durable)) {
		l.disk.world.fail("records up to %d were asked for, but only %d are durable", to, len(l.disk.durable))
		return errSimulatedDisk
	}
	for _, r := range l.disk.durable[from:to] {
		if err := fn(r); err != nil {
			return err
		}
	}
	return nil
}

func (l *simLog) Last(src string) (seq, revision uint64, ok bool, err error) {
	l.disk.mayPanic()
	seq, revision, ok = l.newest(src)
	return seq, revision, ok, nil
}

func (l *simLog) newest(src string) (seq, revision uint64, ok bool) {
	for _, r := range l.disk.durable {
		if r.Src == src && r.Seq > seq {
			seq, revision, ok = r.Seq, r.Revision, true
		}
	}
	return seq, revision, ok
}

func (l *simLog) PutSnapshot(s store.Snapshot) error {
	if s.Revision > uint64(len(l.disk.durable)) {
		l.disk.world.fail("snapshot of revision %d, but only %d records are durable", s.Revision, len(l.disk.durable))
	}
	if l.disk.world.chance(0.25) {
		return errSimulatedDisk // advisory: it may be lost
	}
	l.disk.snapshots = append(l.disk.snapshots, s)
	return nil
}

func (l *simLog) Snapshot(at uint64) (store.Snapshot, bool, error) {
	for i := len(l.disk.snapshots) - 1; i >= 0; i-- {
		if s := l.disk.snapshots[i]; s.Revision <= at {
			return s, true, nil
		}
	}
	return store.Snapshot{}, false, nil
}
