package server

import (
	"fmt"
	"strings"
	"testing"
)

// takesAll lets the connection take what waits, again and again, and returns all that is said meanwhile.
func (g *guest) takesAll() string {
	g.room.reenter = func(f func()) { f() }
	for len(g.ready) > 0 {
		ready := g.ready
		g.ready = nil
		for _, f := range ready {
			f()
		}
	}
	return g.take()
}

// withRecords gives a held room some durable records, of which one is sent at a time.
func withRecords(t *testing.T, n int) *heldRoom {
	t.Helper()
	r := openHeld(t, "")
	author := r.join("author")
	for i := range n {
		author.edit(i+1, i+1, `[{"insert":"x"}]`)
	}
	r.sync()
	r.portion = 1
	return r
}

func actions(said string) string {
	var all []string
	for line := range strings.SplitSeq(said, "\n") {
		what, _, _ := strings.Cut(strings.TrimPrefix(line, `{"a":"`), `"`)
		_, version, _ := strings.Cut(line, `"v":`)
		version, _, _ = strings.Cut(version, ",")
		if !strings.Contains(line, `"op":[`) && what == "op" {
			what = "ack"
		}
		all = append(all, what+version)
	}
	return strings.Join(all, " ")
}

func TestWhoReadsBundlesGetsWhatItMissedInFewMessages(t *testing.T) {
	r := withRecords(t, 3)
	r.portion = 1 << 20
	g := r.join("back")
	g.say(`{"a":"q:hello","c":"documents","d":"doc","bundles":true}`)
	g.take()
	g.say(`{"a":"s","c":"documents","d":"doc","v":1}`)
	bundle, reply, _ := strings.Cut(g.takesAll(), "\n")
	if n := strings.Count(bundle, `"a":"op"`); !strings.HasPrefix(bundle, `{"a":"q:ops","ops":[{"a":"op"`) || n != 3 {
		t.Fatalf("what was missed comes as %s", bundle)
	}
	if !strings.HasPrefix(reply, `{"a":"s"`) {
		t.Fatalf("then comes %s", reply)
	}
}

func TestWhoMissedALotGetsItAtThePaceOfItsConnection(t *testing.T) {
	r := withRecords(t, 3)
	g := r.join("back")
	g.say(`{"a":"s","c":"documents","d":"doc","v":1}`)
	if said := actions(g.take()); said != "op1" {
		t.Fatalf("at once it is sent %s", said)
	}
	if said := actions(g.takesAll()); said != "op2 op3 s" {
		t.Fatalf("then it is sent %s", said)
	}
}

func TestWhatHappensWhileSomebodyCatchesUpFollowsInOrder(t *testing.T) {
	r := withRecords(t, 3)
	g, other := r.join("back"), r.join("other")
	g.edit(1, 1, `[{"insert":"mine"}]`) // sent again after a reconnect, as clients do: first the edit
	g.say(`{"a":"s","c":"documents","d":"doc","v":1}`)
	g.say(`{"a":"ps","ch":"documents.doc","seq":1}`)
	r.sync()
	other.edit(5, 1, `[{"insert":"theirs"}]`)
	other.say(`{"a":"p","ch":"documents.doc","id":"caret","p":{"index":0,"length":0},"pv":1,"v":5}`)
	r.sync()
	g.say(`{"a":"f","c":"documents","d":"doc","v":5}`)
	said := actions(g.take() + "\n" + g.takesAll())
	if strings.Count(said, "op5") != 1 {
		t.Fatalf("it is sent %s", said)
	}
	// All of it in the order of versions, the acknowledgement (4) where its record stands, and the answers as they were asked.
	for _, order := range [][]string{
		{"op1", "op2", "op3", "s ", "ack4", "op5", "f "},
		{"op5", "p6"},
	} {
		rest := said + " "
		for _, what := range order {
			before, after, found := strings.Cut(rest, what)
			if !found {
				t.Fatalf("after %q there is no %s in %s", before, what, said)
			}
			rest = after
		}
	}
}

func TestWhoLeavesWhileCatchingUpIsSentNoMore(t *testing.T) {
	r := withRecords(t, 3)
	g := r.join("back")
	g.say(`{"a":"s","c":"documents","d":"doc","v":1}`)
	g.take()
	r.Leave(g.member)
	if said := g.takesAll(); said != "" {
		t.Fatalf("it is sent %s", said)
	}
}

// What is missed may be more than a connection may have waiting: it must not be cut for that every time it comes back.
func TestReaderThatMissedMoreThanMayWaitCatchesUp(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) {
		o.Limits = DefaultLimits
		o.Limits.BacklogBytes = 512 << 10
	})
	doc := ts.create("text", "")
	writer := ts.join(doc, "")
	const edits = 40
	for seq := 1; seq <= edits; seq++ {
		writer.edit(seq, seq, fmt.Sprintf(`[{"insert":%q}]`, strings.Repeat("x", 50_000)))
		writer.expect(ack(seq, seq))
	}
	back := ts.join(doc, "")
	back.send(`{"a":"s","c":"documents","d":"<doc>","v":1}`)
	for version := 1; version <= edits; version++ {
		if m := back.receive(); m["a"] != "op" || m["v"] != float64(version) {
			t.Fatalf("record %d is %v", version, m["v"])
		}
	}
	back.expect(`{"a":"s","c":"documents","d":"<doc>"}`)
}

func TestNewcomersToALargeDocumentShareItsEncoding(t *testing.T) {
	r := openHeld(t, strings.Repeat("x", staleBytes))
	author := r.join("author")
	first, second := r.join("first"), r.join("second")
	first.say(`{"a":"s","c":"documents","d":"doc","v":null}`)
	encoded := &r.shown.snapshot[0]
	author.edit(1, 1, `[{"insert":"y"}]`)
	r.sync()
	first.take()
	second.say(`{"a":"s","c":"documents","d":"doc","v":null}`)
	if &r.shown.snapshot[0] != encoded {
		t.Fatal("the document was encoded again after one record")
	}
	if said := actions(second.take()); said != "s1 op1" {
		t.Fatalf("the second newcomer is told %s", said)
	}
	for i := range staleRecords {
		author.edit(i+2, i+2, `[{"insert":"y"}]`)
	}
	r.sync()
	if r.shown.snapshot != nil {
		t.Fatal("an old encoding is kept")
	}
}
