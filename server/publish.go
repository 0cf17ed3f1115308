package server

import (
	"slices"

	"github.com/quire-editor/quire/server/wire"
	"github.com/quire-editor/quire/store"
)

// Advance tells the room that the log's durable revision may have grown. Nothing is shown to anybody before it is durable,
// and records are shown in order.
func (r *Room) Advance() {
	if r.failed != nil {
		return
	}
	durable, err := r.log.Durable()
	if err != nil {
		r.fail(err)
		return
	}
	if r.durable < durable {
		r.edited()
	}
	now := r.now()
	for r.durable < durable && r.failed == nil {
		e := r.tail.at(r.durable)
		r.metrics.acknowledged(now - e.admitted)
		r.durable++
		r.publish(e)
		e.answer(nil)
		r.release()
	}
	r.tail.trim(r.durable)
	if r.shown.revision+staleRecords < r.durable {
		r.shown = shown{}
	}
	r.considerSnapshot()
	r.units.Store(int64(r.head.text.Len()))
}

// publish sends a durable record to every subscriber but those who wait for its acknowledgement. It is encoded once for
// all who see it under the same src.
func (r *Room) publish(e *entry) {
	var shared message
	for _, m := range r.members {
		if !m.subscribed || m.next > e.revision || m.behind != nil {
			continue
		}
		m.next = e.revision + 1
		if slices.Contains(e.authors, m) {
			continue
		}
		if id, own := m.ownID(e.src); own {
			// It was submitted over an earlier connection of the same client: this is how it learns that its work arrived.
			m.send(wire.OpMessage(e.op(r.document, id)))
			continue
		}
		if shared.text == nil {
			shared = newMessage(wire.OpMessage(e.op(r.document, e.src)))
		}
		m.deliver("", shared)
	}
	r.movePresences(e)
	if e.change.kind == changeDelete {
		r.deleted()
	}
}

// release runs what waited for the revision that has just become durable.
func (r *Room) release() {
	for len(r.waiting) > 0 && r.waiting[0].revision <= r.durable && r.failed == nil {
		run := r.waiting[0].run
		r.waiting = r.waiting[1:]
		run()
	}
}

const (
	// snapshotEvery is how many records may follow a snapshot before the next. Opening a document replays fewer than these.
	snapshotEvery = 4096
	// snapshotLeast is how many follow at least.
	snapshotLeast = 512
	// snapshotUnits is how many units of text add a record to that: writing a snapshot of more text less often keeps what it
	// costs at some microseconds a record.
	snapshotUnits = 256
)

func (r *Room) considerSnapshot() {
	enough := min(r.snapshotEvery, max(snapshotLeast, uint64(r.head.text.Len())/snapshotUnits))
	if r.head.revision >= r.snapshotted+enough {
		r.snapshot()
	}
}

// snapshot hands the state as it is now to the log, as soon as it is durable: a snapshot must never be ahead of its log.
func (r *Room) snapshot() {
	if r.snapshotted == r.head.revision {
		return
	}
	s := r.head.frozen()
	r.snapshotted = s.revision
	r.whenDurable(func() {
		if err := r.log.PutSnapshot(store.Snapshot{Revision: s.revision, State: s.encode()}); err != nil {
			r.logger.Warn("snapshot not kept; the log has everything", "revision", s.revision, "error", err)
		}
	})
}
