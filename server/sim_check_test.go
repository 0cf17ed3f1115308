package server

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/quire-editor/quire/ot"
)

// verify compares every copy with the log, and every cursor with where the log puts it.
func (s *simulation) verify() {
	for _, d := range s.docs {
		d.verify()
	}
	s.verifyPrincipals()
}

// verifyPrincipals checks that nobody is counted who is not there.
func (s *simulation) verifyPrincipals() {
	if n := len(s.principals.here); n != s.present() {
		s.fail("%d people are counted, there are %d", n, s.present())
	}
	for _, c := range s.conns {
		if c.who.sessions != 1 || c.who.documents != len(c.session.seats) {
			s.fail("%s has %d connections and uses %d documents, of which it has %d open",
				c.who.name, c.who.sessions, c.who.documents, len(c.session.seats))
		}
	}
}

// readers are the people who have not left for good.
func (d *simDoc) readers() (all []*person) {
	for _, p := range d.people {
		if p.doc == d && !p.device.gone {
			all = append(all, p)
		}
	}
	return all
}

func (d *simDoc) verify() {
	once := map[string]uint64{}
	for _, r := range d.disk.durable {
		key := identity(r.Src, r.Seq)
		if _, twice := once[key]; twice {
			d.fail("%s is in the log twice", key)
		}
		once[key] = r.Revision
	}
	straight := d.straight(len(d.disk.durable))
	opened, _, err := replay(d.log, uint64(len(d.disk.durable)))
	if err != nil {
		d.fail("replay from snapshot: %w", err)
		return
	}
	d.equal("opened from a snapshot", opened.text, straight.text)
	d.equal("the room's head", d.room.head.text, straight.text)
	for _, p := range d.readers() {
		d.equal(fmt.Sprint("person ", p.name), p.client.Text(), straight.text)
	}
	for _, p := range d.people {
		for key, version := range p.acked {
			if at, ok := once[key]; p.doc == d && (!ok || at != version) {
				d.fail("person %d's edit %s was acknowledged at %d; the log has it at %d (%v)", p.name, key, version, at, ok)
			}
		}
	}
	d.verifyPresences()
	d.verifyLeftovers()
	d.tally.Records += len(d.disk.durable)
}

// straight is the document after its first records, replayed from the beginning.
func (d *simDoc) straight(revision int) *state {
	st := newState()
	for _, r := range d.disk.durable[:revision] {
		c, err := decodeChange(r.Payload)
		if err == nil {
			err = st.apply(c)
		}
		if err != nil {
			d.fail("replay of record %d: %w", r.Revision, err)
			return newState()
		}
	}
	return st
}

// verifyPresences checks that everyone who is there is where the log has moved their cursor to, in the room and on the
// screens of all others, and that nobody is shown who is not there.
func (d *simDoc) verifyPresences() {
	want := map[string]int{}
	for _, p := range d.readers() {
		if p.pointed != nil {
			src := sourceOf(p.client.ID())
			want[src] = d.moved(*p.pointed, src)
			d.tally.Cursors++
		}
	}
	room := map[string]int{}
	for _, p := range d.room.presences {
		room[p.owner.src] = p.cursor.Index
	}
	if len(d.room.presences) != len(want) || !reflect.DeepEqual(room, want) {
		d.fail("the room has the cursors %v, want %v", room, want)
	}
	for _, p := range d.readers() {
		shown := map[string]int{}
		for src, at := range p.told {
			shown[src] = d.moved(at, src)
		}
		own := sourceOf(p.client.ID())
		if at, ok := want[own]; ok {
			shown[own] = at
		}
		if !reflect.DeepEqual(shown, want) {
			d.fail("person %d (%s) is shown the cursors %v, want %v", p.name, own, shown, want)
		}
	}
}

// moved is where a cursor stands in the newest version.
func (d *simDoc) moved(at pointing, src string) int {
	index := at.index
	for _, r := range d.disk.durable[at.version:] {
		c, err := decodeChange(r.Payload)
		if err != nil {
			d.fail("record %d: %w", r.Revision, err)
			return 0
		}
		index = ot.TransformPosition(c.delta, index, r.Src != src)
	}
	return index
}

// verifyLeftovers checks that nothing is left behind by what is over.
func (d *simDoc) verifyLeftovers() {
	if n, want := len(d.room.members), len(d.readers()); n != want {
		d.fail("the room has %d members, there are %d people", n, want)
	}
	if n := len(d.room.waiting) + len(d.room.touched) + len(d.room.answered); n > 0 {
		d.fail("%d answers still wait", n)
	}
	for _, e := range d.room.tail.entries {
		if len(e.answers) > 0 || len(e.authors) > 0 {
			d.fail("record %d still has authors that wait", e.revision)
		}
	}
	if n, most := len(d.room.tail.entries), 2*int(d.tailLength); n > most {
		d.fail("the tail has %d records, at most %d are to be kept", n, most)
	}
	if head := d.room.head.revision; head > d.openedAt && head >= d.room.snapshotted+uint64(d.snapshotEvery) {
		d.fail("the newest snapshot was asked for at %d of %d", d.room.snapshotted, d.room.head.revision)
	}
}

func (s *simulation) equal(what string, got, want *ot.Document) {
	if g, w := ot.Normalize(got.Delta()), ot.Normalize(want.Delta()); !g.Equal(w) {
		s.fail("%s differs from the log:\n%s\n%s", what, g, w)
	}
}

// tally counts what happened, so that a simulation that has become blind is noticed.
type tally struct {
	Records, Crashes, Panics, Evictions, Drops, HalfOpen, Reloads, APIEdits, OpenedFromSnapshot, Cursors, Repeats int
	Shared, Bulk, Waits, Refused, ClockSteps, Crowds                                                              int
}

func (t *tally) add(other tally) {
	sum, more := reflect.ValueOf(t).Elem(), reflect.ValueOf(other)
	for i := range sum.NumField() {
		sum.Field(i).SetInt(sum.Field(i).Int() + more.Field(i).Int())
	}
}

func (t *tally) requireAll(tb testing.TB) {
	tb.Helper()
	counts := reflect.ValueOf(*t)
	for i := range counts.NumField() {
		if counts.Field(i).Int() == 0 {
			tb.Errorf("the simulation never had any %s", counts.Type().Field(i).Name)
		}
	}
}
