package server

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/quire-editor/quire/server/access"
)

var accessSeed = flag.Uint64("access-seed", 0, "seed of random changes of access; 0 for a new one")

// TestRandomChangesOfAccessAreObeyedByTheVeryNextMessage: people join and leave, access changes in every way, links come, go and
// expire, and whatever somebody says is done or refused as the policy has it at that moment.
func TestRandomChangesOfAccessAreObeyedByTheVeryNextMessage(t *testing.T) {
	if *accessSeed == 0 {
		*accessSeed = rand.Uint64()
	}
	t.Logf("rerun: go test ./server -run %s -access-seed %d", t.Name(), *accessSeed)
	random := rand.New(rand.NewPCG(*accessSeed, 1))
	anyRole := func() access.Role { return everyRole()[random.IntN(4)] } // all but owner
	r := openHeld(t, "text")
	now := int64(1)
	r.now, r.alarm = func() int64 { return now }, func(int64) {}
	meta := metadata{Kind: KindText, Owner: "guest:owner"}
	version, refused, done := uint64(0), 0, 0
	var people []*guest
	seqs := map[*guest]int{}
	for step := range 3000 {
		switch n := random.IntN(12); {
		case n == 0 || len(people) == 0:
			people = append(people, r.joinAtRandom(random, step))
		case n == 1:
			g := people[random.IntN(len(people))]
			r.Leave(g.member)
			people = slices.DeleteFunc(people, func(other *guest) bool { return other == g })
		case n == 2:
			shared := access.Access{General: anyRole(), People: map[string]access.Role{}}
			for i := range 3 {
				shared.People[personOf(fmt.Sprint("guest:", i))] = anyRole()
			}
			meta.Access = &shared
			version++
			r.Amend(meta, version)
		case n == 3:
			var links []access.Link
			for i := range random.IntN(3) {
				links = append(links, access.Link{ID: fmt.Sprint(i), Role: anyRole(), CurrentOnly: random.IntN(2) == 0, Expires: now + random.Int64N(40)})
			}
			version++
			r.Relink(links, version)
		case n == 4:
			now += random.Int64N(20)
			r.decideAnew() // as the alarm does
		default:
			g := people[random.IntN(len(people))]
			if g.closed != 0 {
				people = slices.DeleteFunc(people, func(other *guest) bool { return other == g })
				r.Leave(g.member)
				continue
			}
			rights := r.policy.Rights(&g.member.caller, now)
			if rights != g.member.rights && len(r.policy.Links) == 0 {
				t.Fatalf("step %d: a member has the rights of %q, and should have those of %q", step, g.member.rights.Role, rights.Role)
			}
			may := g.member.rights
			g.take()
			before := r.head.revision
			seqs[g]++
			g.edit(int(before), seqs[g], `[{"insert":"x"}]`)
			r.sync()
			changed := r.head.revision > before
			if changed != may.Allow(access.Edit) || changed == strings.Contains(g.take(), "ERR_OP_SUBMIT_REJECTED") && g.closed == 0 {
				t.Fatalf("step %d: %q changed the text: %t", step, may.Role, changed)
			}
			if changed {
				done++
			} else {
				refused++
			}
		}
	}
	if refused < 100 || done < 100 {
		t.Errorf("%d edits were done and %d refused: too few to mean anything", done, refused)
	}
}

// joinAtRandom has somebody join, who may be the owner, a person with a role, or who has redeemed links.
func (r *heldRoom) joinAtRandom(random *rand.Rand, step int) *guest {
	name := fmt.Sprint("guest:", random.IntN(5))
	if random.IntN(8) == 0 {
		name = "guest:owner"
	}
	caller := access.Caller{Principal: name, Person: personOf(name)}
	for i := range random.IntN(3) {
		caller.Grants = append(caller.Grants, access.Grant{Document: "doc", Link: fmt.Sprint(i)})
	}
	conn, id := &notedConn{}, fmt.Sprint("client-", step)
	m := &member{conn: conn, id: id, src: sourceOf(id), principal: name, person: caller.Person, caller: caller, alone: random.IntN(2) == 0}
	r.Join(m)
	return &guest{conn, r, m}
}
