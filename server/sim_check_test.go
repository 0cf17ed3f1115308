package server

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/quire-editor/quire/ot"
)

// verify compares every copy with the log, and every cursor with where the log puts it.
func (s *simulation) verify() {
	once := map[string]uint64{}
	for _, r := range s.disk.durable {
		key := identity(r.Src, r.Seq)
		if _, twice := once[key]; twice {
			s.fail("%s is in the log twice", key)
		}
		once[key] = r.Revision
	}
	straight := s.straight(len(s.disk.durable))
	opened, _, err := replay(s.log, uint64(len(s.disk.durable)))
	if err != nil {
		s.fail("replay from snapshot: %w", err)
		return
	}
	s.equal("opened from a snapshot", opened.text, straight.text)
	s.equal("the room's head", s.room.head.text, straight.text)
	for _, p := range s.people {
		if !p.gone {
			s.equal(fmt.Sprint("person ", p.name), p.client.Text(), straight.text)
		}
		for key, version := range p.acked {
			if at, ok := once[key]; !ok || at != version {
				s.fail("person %d's edit %s was acknowledged at %d; the log has it at %d (%v)", p.name, key, version, at, ok)
			}
		}
	}
	s.verifyPresences()
	s.verifyLeftovers()
	s.tally.Records = len(s.disk.durable)
}

// straight is the document after its first records, replayed from the beginning.
func (s *simulation) straight(revision int) *state {
	st := newState()
	for _, r := range s.disk.durable[:revision] {
		c, err := decodeChange(r.Payload)
		if err == nil {
			err = st.apply(c)
		}
		if err != nil {
			s.fail("replay of record %d: %w", r.Revision, err)
			return newState()
		}
	}
	return st
}

// verifyPresences checks that everyone who is there is where the log has moved their cursor to, in the room and on the
// screens of all others, and that nobody is shown who is not there.
func (s *simulation) verifyPresences() {
	want := map[string]int{}
	for _, p := range s.people {
		if p.pointed != nil && !p.gone {
			src := sourceOf(p.client.ID())
			want[src] = s.moved(*p.pointed, src)
			s.tally.Cursors++
		}
	}
	room := map[string]int{}
	for _, p := range s.room.presences {
		room[p.owner.src] = p.cursor.Index
	}
	if len(s.room.presences) != len(want) || !reflect.DeepEqual(room, want) {
		s.fail("the room has the cursors %v, want %v", room, want)
	}
	for _, p := range s.people {
		if p.gone {
			continue
		}
		shown := map[string]int{}
		for src, at := range p.told {
			shown[src] = s.moved(at, src)
		}
		own := sourceOf(p.client.ID())
		if at, ok := want[own]; ok {
			shown[own] = at
		}
		if !reflect.DeepEqual(shown, want) {
			s.fail("person %d (%s) is shown the cursors %v, want %v", p.name, own, shown, want)
		}
	}
}

// moved is where a cursor stands in the newest version.
func (s *simulation) moved(at pointing, src string) int {
	index := at.index
	for _, r := range s.disk.durable[at.version:] {
		c, err := decodeChange(r.Payload)
		if err != nil {
			s.fail("record %d: %w", r.Revision, err)
			return 0
		}
		index = ot.TransformPosition(c.delta, index, r.Src != src)
	}
	return index
}

// verifyLeftovers checks that nothing is left behind by what is over.
func (s *simulation) verifyLeftovers() {
	if n := len(s.room.members); n != s.present() {
		s.fail("the room has %d members, there are %d people", n, s.present())
	}
	if n := len(s.room.waiting); n > 0 {
		s.fail("%d answers still wait", n)
	}
	for _, e := range s.room.tail.entries {
		if len(e.answers) > 0 || len(e.authors) > 0 {
			s.fail("record %d still has authors that wait", e.revision)
		}
	}
	if n, most := len(s.room.tail.entries), 2*int(s.tailLength); n > most {
		s.fail("the tail has %d records, at most %d are to be kept", n, most)
	}
	if head := s.room.head.revision; head > s.openedAt && head >= s.room.snapshotted+uint64(s.snapshotEvery) {
		s.fail("the newest snapshot was asked for at %d of %d", s.room.snapshotted, s.room.head.revision)
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
