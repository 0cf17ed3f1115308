package ot

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// generator makes random deltas, dense in what can go wrong: little room, so that
// edits touch; emoji and lone halves; nulls; embeds; nested attributes.
type generator struct {
	pick  func(n int) int // a number below n
	plain bool            // neither attributes nor embeds
	rough bool            // ops are not always in normal form
}

// byRapid is a generator whose choices rapid can shrink.
func byRapid(t *rapid.T) generator {
	return generator{
		pick:  func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") },
		rough: rapid.Bool().Draw(t, "rough"),
	}
}

// bySeed is a generator for tests that are too large to shrink. The seed is
// OT_SEED or the time; a failing test prints it.
func bySeed(t testing.TB) generator {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("OT_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("run it again: OT_SEED=%d go test ./ot -run '^%s$'", seed, t.Name())
		}
	})
	r := rand.New(rand.NewPCG(seed, 0))
	return generator{pick: r.IntN, rough: r.IntN(2) == 0}
}

var alphabet = []string{
	"a", "b", "c", " ", "\n", "é", "交", "😀", "😁", "👩‍🚀", "\U0010FFFF",
	"\xed\xa0\xbd", "\xed\xb8\x80", "퟿", "\ufffc", `"`, `\`, "\x01", "\u2028",
}

func (g generator) text(longest int) string {
	var text []byte
	for range 1 + g.pick(longest) {
		text = appendText(text, alphabet[g.pick(len(alphabet))])
	}
	return string(text)
}

var someAttributes = []string{
	`{"bold":true}`, `{"bold":false}`, `{"bold":null}`, `{"color":"red"}`, `{"color":null,"bold":true}`,
	`{"n":1}`, `{"n":1.5e300,"color":"\ud83d"}`, `{"comment":{"id":1,"by":["x",null]}}`, `{"":"","é😀":[]}`,
}

// attributes are none half of the time.
func (g generator) attributes() Attributes {
	i := g.pick(2 * len(someAttributes))
	if g.plain || i >= len(someAttributes) {
		return Attributes{}
	}
	return mustAttributes(someAttributes[i])
}

var someEmbeds = []string{`{"image":"a.png"}`, `{"b":1,"a":{"d":[],"c":null}}`}

func (g generator) insert(longest int) Op {
	if !g.plain && g.pick(6) == 0 {
		op, err := InsertEmbed(someEmbeds[g.pick(len(someEmbeds))], g.attributes())
		if err != nil {
			panic(err)
		}
		return op
	}
	return InsertText(g.text(longest), g.attributes())
}

// document is a document in normal form of up to n inserts.
func (g generator) document(n int) Delta {
	var d Delta
	for range g.pick(n + 1) {
		d = append(d, g.insert(6))
	}
	return Normalize(d)
}

// change is a delta of up to n ops for a document of the given length.
func (g generator) change(length, n int) Delta {
	var d Delta
	for range g.pick(n + 1) {
		if length == 0 || g.pick(3) == 0 {
			d = append(d, g.insert(4))
			continue
		}
		span := 1 + g.pick(min(length, 5))
		length -= span
		switch g.pick(4) {
		case 0:
			d = append(d, DeleteOp(span))
		case 1:
			d = append(d, RetainOp(span, g.attributes()))
		default:
			d = append(d, RetainOp(span, Attributes{}))
		}
	}
	if !g.rough {
		return Normalize(d)
	}
	return d
}

// failer is a *testing.T, *testing.B or *rapid.T.
type failer interface {
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// after is doc after changes, as a Document has it.
func after(t failer, doc Delta, changes ...Delta) Delta {
	got, err := applied(doc, changes...)
	if err != nil {
		t.Fatalf("%v\ndoc     %v\nchanges %v", err, doc, changes)
	}
	return got
}

// mustEqual fails with a case to paste.
func mustEqual(t failer, got, want Delta, inputs ...Delta) {
	if !got.Equal(want) {
		for i := range min(len(got), len(want)) {
			if !got[i].Equal(want[i]) {
				t.Logf("they differ from op %d on: got %v, want %v", i, got[i:i+1], want[i:i+1])
				break
			}
		}
		text := ""
		for _, d := range inputs {
			text += fmt.Sprintf("\ninput %v", d)
		}
		t.Fatalf("got   %v\nwant  %v%s", got, want, text)
	}
}
