//go:build unix

package ot

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var compareSpeed = flag.Bool("compare", false, "measure this package against JavaScript and a gap buffer, and print a table")

// TestCompareSpeed prints how much faster than JavaScript, than a bare gap buffer
// and than our own slow ways this package is.
//
//	go test ./ot -run CompareSpeed -compare -v
//
// Both sides of a row do the same to the same input, warmed up, in rounds by turns
// on one machine, so that both meet whatever else it does. Times are processor
// times, garbage collection included; a row shows the median of each side's rounds
// and the median of the rounds' ratios. What a row measures stands at its function.
func TestCompareSpeed(t *testing.T) {
	if !*compareSpeed {
		t.Skip("run with -compare to measure")
	}
	rows := []string{"| what | this package | compared with | ratio | bar |", "|---|---|---|---|---|"}
	for _, row := range []struct {
		name    string
		measure func(*testing.T) string
	}{
		{"gap", compareTraceToGap},
		{"node", compareTraceToNode},
		{"anywhere", compareAnywhere},
		{"accept", compareAccept},
		{"keystrokes", compareKeystrokes},
		{"small", compareSmall},
		{"large", compareLarge},
		{"rebase", compareRebase},
		{"rich", compareRich},
	} {
		t.Run(row.name, func(t *testing.T) { rows = append(rows, row.measure(t)) })
	}
	t.Logf("\n%s", strings.Join(rows, "\n"))
}

// side is one side of a comparison: a round of it returns the nanoseconds of
// processor time that one step took.
type side func() float64

// race is the outcome of rounds of two sides by turns.
type race struct {
	ours, theirs float64 // medians, in nanoseconds
	ratio        float64 // median of theirs over ours
}

func compare(rounds int, ours, theirs side) race {
	var a, b, ratios []float64
	for range rounds {
		a, b = append(a, ours()), append(b, theirs())
		ratios = append(ratios, b[len(b)-1]/a[len(a)-1])
	}
	return race{median(a), median(b), median(ratios)}
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// faster is the row of a comparison in which this package has to be faster.
func (r race) faster(what, compared string, bar int) string {
	return fmt.Sprintf("| %s | %.1f ns | %s %.4g ns | %.0f times faster | %d |", what, r.ours, compared, r.theirs, r.ratio, bar)
}

// slower is the row of a comparison in which it must not be much slower.
func (r race) slower(what, compared string, bar float64) string {
	return fmt.Sprintf("| %s | %.1f ns | %s %.4g ns | %.2f times as long | at most %.1f |", what, r.ours, compared, r.theirs, 1/r.ratio, bar)
}

// here is a side in this process: rounds of so many runs of fn, each of so many
// steps. It counts everything the process does meanwhile.
func here(t *testing.T, runs, steps int, fn func()) side {
	fn() // warm
	return func() float64 {
		start := processorTime(t)
		for range runs {
			fn()
		}
		return float64(processorTime(t)-start) / float64(runs*steps)
	}
}

// processorTime is what this process has used so far.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// inNode is a side in bench.js: rounds of so many milliseconds, or one run if that
// takes longer. It returns when Node is warm.
func inNode(t *testing.T, milliseconds int, question string) side {
	script := nodeScript(t, "bench.js")
	script.Stderr = os.Stderr
	in, err := script.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := script.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := script.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := script.Wait(); err != nil {
			t.Errorf("bench.js: %v", err)
		}
	})
	answers := bufio.NewScanner(out)
	ask := func(line string) string {
		if _, err := io.WriteString(in, line+"\n"); err != nil || !answers.Scan() {
			t.Fatalf("bench.js gives no answer: %v, %v", err, answers.Err())
		}
		return answers.Text()
	}
	if ask(question) != "ready" {
		t.Fatal("bench.js is not ready")
	}
	return func() float64 {
		ns, err := strconv.ParseFloat(ask(strconv.Itoa(milliseconds)), 64)
		if err != nil {
			t.Fatal(err)
		}
		return ns
	}
}

func applyAll(t *testing.T, doc *Document, changes []Delta) {
	for i := range changes {
		if err := doc.Apply(changes[i]); err != nil {
			t.Fatal(err)
		}
	}
}

func applyToGap(g *gapBuffer, changes []Delta) {
	for i := range changes {
		g.apply(changes[i])
	}
}

// compareTraceToGap: a person's whole writing of a paper, delta by delta, from an
// empty document on; the gap buffer begins small and grows. It checks nothing and
// holds only units, so it is the floor and not a rival.
func compareTraceToGap(t *testing.T) string {
	changes := deltas(sequential(t, "automerge-paper"))
	ours := here(t, 3, len(changes), func() { applyAll(t, NewDocument(), changes) })
	gap := here(t, 3, len(changes), func() { applyToGap(newGapBuffer("", 1024), changes) })
	return compare(21, ours, gap).slower("apply automerge-paper, per edit", "bare gap buffer", 1.5)
}

// compareTraceToNode: the same writing, against composing each delta onto the
// document, which is how rich-text applies one.
func compareTraceToNode(t *testing.T) string {
	changes := deltas(sequential(t, "automerge-paper"))
	ours := here(t, 20, len(changes), func() { applyAll(t, NewDocument(), changes) })
	theirs := inNode(t, 1, fmt.Sprintf(`{"task":"apply","changes":%s}`, listOf(changes)))
	return compare(3, ours, theirs).faster("apply automerge-paper, per edit", "quill-delta compose", 300)
}

func listOf(deltas []Delta) string {
	out := []byte("[")
	for i, d := range deltas {
		if i > 0 {
			out = append(out, ',')
		}
		out = AppendJSON(out, d)
	}
	return string(append(out, ']'))
}

// compareAnywhere: 10,000 edits of two units at random places of a text of a
// million, over and over on one document.
func compareAnywhere(t *testing.T) string {
	text, changes := editsAnywhere()
	doc, err := DocumentFromDelta(Delta{InsertText(text, Attributes{})})
	if err != nil {
		t.Fatal(err)
	}
	ours := here(t, 20, len(changes), func() { applyAll(t, doc, changes) })
	g := newGapBuffer(text, 1<<16)
	gap := here(t, 1, len(changes), func() { applyToGap(g, changes) })
	return compare(5, ours, gap).faster("edits anywhere in 1 M units", "bare gap buffer", 100)
}

// compareAccept: all a server does with the submissions of two people but for
// input and output. Each is read from JSON, carried over what was committed since,
// checked and applied, kept for later submissions as one of the last 256 records,
// and written for the log, here in the binary form, there as JSON.
func compareAccept(t *testing.T) string {
	submissions := concurrent(t, "friendsforever.queued")
	for i := range submissions {
		submissions[i].want = nil // not in memory on the other side either
	}
	run := func() {
		if err := accept(submissions); err != nil {
			t.Fatal(err)
		}
	}
	allocs := testing.AllocsPerRun(3, run) / float64(len(submissions))
	var question strings.Builder
	question.WriteString(`{"task":"accept","submits":[`)
	for i, s := range submissions {
		if i > 0 {
			question.WriteByte(',')
		}
		fmt.Fprintf(&question, `{"rev":%d,"op":%s}`, s.revision, AppendQuoted(nil, string(s.op)))
	}
	question.WriteString("]}")
	what := fmt.Sprintf("accept friendsforever, per submission (%.3f allocations)", allocs)
	outcome := compare(9, here(t, 20, len(submissions), run), inNode(t, 300, question.String()))
	return outcome.faster(what, "rich-text", 60)
}

// compareTransforms: the same pairs over and over, into memory that is used again;
// quill-delta makes new objects, it knows no other way. parts is how many steps a
// pair counts for.
func compareTransforms(t *testing.T, what string, pairs []deltaPair, parts, bar int) string {
	var out Delta
	runs := 2_000_000 / (len(pairs) * parts)
	ours := here(t, runs, len(pairs)*parts, func() {
		buf := out // a local variable: the loop itself should cost nothing
		for i := range pairs {
			p := &pairs[i]
			buf = AppendTransform(buf[:0], p.a, p.b, true)
		}
		out = buf
	})
	question := []byte(`{"task":"transform","pairs":[`)
	for i, p := range pairs {
		if i > 0 {
			question = append(question, ',')
		}
		question = append(question, listOf([]Delta{p.a, p.b})...)
	}
	theirs := inNode(t, 100, string(question)+"]}")
	perPart := func() float64 { return theirs() / float64(parts) }
	return compare(15, ours, perPart).faster(what, "quill-delta", bar)
}

// compareKeystrokes: 64 pairs of one typed or deleted unit each, at random places
// of a text of a thousand.
func compareKeystrokes(t *testing.T) string {
	keystrokes, _, _ := transformPairs()
	return compareTransforms(t, "transform, keystroke by keystroke", keystrokes, 1, 150)
}

// compareSmall: 64 pairs of random deltas of up to six ops with everything that
// can be in them.
func compareSmall(t *testing.T) string {
	_, small, _ := transformPairs()
	return compareTransforms(t, "transform, small deltas", small, 1, 30)
}

// compareLarge: one pair of 10,000 ops each, retains between inserts and deletes.
// A component is one of those 20,000 ops.
func compareLarge(t *testing.T) string {
	_, _, large := transformPairs()
	return compareTransforms(t, "transform, 10,000 by 10,000 components, per component", large, 20_000, 40)
}

// compareRebase: what one person wrote offline, as one delta, over the records of
// another, against transforming the delta by each record. A step is the whole.
func compareRebase(t *testing.T) string {
	mine, theirs := offline()
	start := processorTime(t)
	want := oneByOne(mine, theirs) // stands for a round: it takes very long
	slow := float64(processorTime(t) - start)
	if got := Rebase(mine, theirs); !got.Equal(want) {
		t.Error("the answers differ")
	}
	ours := here(t, 5, 1, func() { Rebase(mine, theirs) })
	return compare(5, ours, func() float64 { return slow }).faster("rebase 26,078 offline edits over 26,078", "one by one", 200)
}

// compareRich: a hundred thousand edits of rich text, against the same without
// the attributes.
func compareRich(t *testing.T) string {
	rich := richWriting(100_000)
	plain := plainOf(rich)
	ours := here(t, 3, len(rich), func() { applyAll(t, NewDocument(), rich) })
	without := here(t, 3, len(rich), func() { applyAll(t, NewDocument(), plain) })
	return compare(21, ours, without).slower("apply rich text, per edit", "the same without attributes", 3)
}

// offline is what two people wrote apart, each 26,078 keystrokes in bursts at
// random places of a document of 200,000 units: mine composed, theirs as records.
func offline() (mine Delta, theirs []Delta) {
	const length, keystrokes = 200_000, 26_078
	r := rand.New(rand.NewPCG(3, 4))
	return ComposeAll(writing(r, length, keystrokes)), writing(r, length, keystrokes)
}
