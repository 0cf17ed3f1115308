package server

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/store"
)

// simDoc is one document: its disk, its room, and what happens to both.
type simDoc struct {
	*simulation
	name string
	disk *disk
	log  *simLog
	room *Room
	up   bool
	// openedAt is the revision at which the room was opened.
	openedAt uint64
}

func newSimDoc(s *simulation, name string) *simDoc {
	create := change{changeCreate, ot.Delta{ot.InsertText("\n", ot.Attributes{})}}
	return &simDoc{simulation: s, name: name, disk: &disk{
		world: s.world, slow: s.slow, bad: s.bad, panics: s.panics,
		durable: []store.Record{{Src: "creator", Seq: 1, Payload: create.encode()}},
	}}
}

// start opens the room from what the disk holds.
func (d *simDoc) start() {
	log := &simLog{disk: d.disk}
	head, snapshotted, err := replay(log, uint64(len(d.disk.durable)))
	if err != nil {
		d.fail("open: %w", err)
		return
	}
	if snapshotted > 0 {
		d.tally.OpenedFromSnapshot++
	}
	d.equal("opened from a snapshot", head.text, d.straight(len(d.disk.durable)).text)
	meta := metadata{Kind: KindRich, Access: &access.Access{General: access.Owner}}
	from := loaded{described: described{meta: meta}, head: head, snapshotted: snapshotted}
	now := func() int64 { return (d.now + d.clock) / 1000 }
	room := openRoom(d.name, from, log, now, d.limits, slog.New(slog.DiscardHandler))
	room.snapshotEvery, room.tail.length = uint64(d.snapshotEvery), uint64(d.tailLength)
	room.portion = int(d.portion)
	room.reenter = func(f func()) { simInbox{d, room}.post(event{kind: eventCall, call: func(*Room) { f() }}) }
	log.advance = func() { d.guard(room, room.Advance) }
	d.log, d.room, d.up, d.openedAt = log, room, true, head.revision
}

// guard runs f in a room as the runner does: a panic ends the room, and so does a failure.
func (d *simDoc) guard(room *Room, f func()) {
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); !ok || !errors.Is(err, errSimulatedPanic) {
				d.fail("the room panicked: %v", p)
			}
			room.fail(errSimulatedPanic)
		}
		if d.up && d.room == room && room.failed != nil {
			d.afterFailure()
		}
	}()
	f()
	room.Flush(false)
}

// afterFailure does what the server does with a failed room: if the store still knows what is on disk, the document is
// opened again when that is settled; if not, the process starts anew.
func (d *simDoc) afterFailure() {
	if d.log.err != nil {
		d.crash()
		return
	}
	d.tally.Panics++
	d.up = false
	d.hangUp()
	d.reopenAtRest()
}

func (d *simDoc) reopenAtRest() {
	switch {
	case d.log.dead: // the whole server has crashed meanwhile
	case len(d.disk.unsynced) > 0:
		d.after(100, d.reopenAtRest)
	default:
		d.log.dead = true
		d.start()
	}
}

// hangUp ends every connection that is in the room, as the end of a room does.
func (d *simDoc) hangUp() {
	for {
		i := 0
		for i < len(d.conns) && !d.conns[i].isIn(d) {
			i++
		}
		if i == len(d.conns) {
			return
		}
		d.conns[i].cut()
	}
}

// evict closes an idle room and opens it again, as when the last reader leaves.
func (d *simDoc) evict() {
	if len(d.disk.unsynced) > 0 || d.room.durable != d.room.head.revision {
		return
	}
	d.tally.Evictions++
	d.hangUp()
	d.room.snapshot()
	d.log.dead = true
	d.start()
}

// editByAPI changes the document as a request over HTTP does: it asks for a view and submits an edit of that.
func (d *simDoc) editByAPI() {
	room := d.room
	d.guard(room, func() {
		room.View(func(v View) {
			d.tally.APIEdits++
			if v.Revision > uint64(len(d.disk.durable)) {
				d.fail("a view of revision %d was shown, but only %d records are durable", v.Revision, len(d.disk.durable))
				return
			}
			d.equal("a view", v.text, d.straight(int(v.Revision)).text)
			src, length := fmt.Sprint("api-", d.steps), v.text.Len()
			d.after(1+d.rand.Int64N(d.latency), func() {
				d.guard(room, func() { d.submitByAPI(room, src, v.Revision, length) })
			})
		})
	})
}

func (d *simDoc) submitByAPI(room *Room, src string, base uint64, length int) {
	if d.room != room || !d.up {
		return
	}
	at := room.head.revision
	err := room.admit(submission{
		src: src, seq: 1, base: base, change: change{changeEdit, d.randomEdit(length, 9)}, principal: "guest:api",
		answer: func(err error) {
			if err == nil && (at >= uint64(len(d.disk.durable)) || d.disk.durable[at].Src != src) {
				d.fail("%s was told that its edit is stored at %d", src, at)
			}
		},
	})
	if err != nil && room.failed == nil {
		d.fail("%s: %w", src, err)
	}
}
