//go:build unix

package ot

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var compareSpeed = flag.Bool("compare", false, "measure this package against JavaScript and a gap buffer, and print a table")

// TestCompareSpeed prints how much faster than JavaScript, than a bare gap buffer
// and than our own slow ways this package is, all in one run on one machine. Times are processor times.
//
//	go test ./ot -run CompareSpeed -compare -v
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

// cpu is the processor time one step of fn takes, on average over runs of steps.
// It counts everything the process does for it, collecting garbage included, and
// unlike time by the clock hardly depends on what else the machine does.
func cpu(t *testing.T, runs, steps int, fn func()) time.Duration {
	t.Helper()
	fn() // warm
	start := processorTime(t)
	for range runs {
		fn()
	}
	return (processorTime(t) - start) / time.Duration(runs*steps)
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

// nodeTime asks bench.js.
func nodeTime(t *testing.T, question string) time.Duration {
	t.Helper()
	script := nodeScript(t, "bench.js")
	script.Stdin = strings.NewReader(question)
	script.Stderr = os.Stderr
	out, err := script.Output()
	if err != nil {
		t.Fatal(err)
	}
	ns, err := strconv.ParseFloat(string(bytes.TrimSpace(out)), 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(ns)
}

func faster(what string, ours, theirs time.Duration, compared string, bar int) string {
	return fmt.Sprintf("| %s | %v | %s %v | %.0f times faster | %d |", what, ours, compared, theirs,
		float64(theirs)/float64(ours), bar)
}

func slower(what string, ours, theirs time.Duration, compared string, bar float64) string {
	return fmt.Sprintf("| %s | %v | %s %v | %.2f times as long | at most %.1f |", what, ours, compared, theirs,
		float64(ours)/float64(theirs), bar)
}

func applyAll(t *testing.T, doc *Document, changes []Delta) {
	for i := range changes {
		if err := doc.Apply(changes[i]); err != nil {
			t.Fatal(err)
		}
	}
}

func compareTraceToGap(t *testing.T) string {
	changes := deltas(sequential(t, "automerge-paper"))
	var ours, gap time.Duration = 1 << 62, 1 << 62
	for range 15 { // by turns, so that both meet the same machine
		ours = min(ours, cpu(t, 1, len(changes), func() { applyAll(t, NewDocument(), changes) }))
		gap = min(gap, cpu(t, 1, len(changes), func() {
			g := newGapBuffer("", 1024)
			for i := range changes {
				g.apply(changes[i])
			}
		}))
	}
	return slower("apply automerge-paper, per edit", ours, gap, "bare gap buffer", 1.5)
}

func compareTraceToNode(t *testing.T) string {
	changes := deltas(sequential(t, "automerge-paper"))
	ours := cpu(t, 20, len(changes), func() { applyAll(t, NewDocument(), changes) })
	theirs := nodeTime(t, fmt.Sprintf(`{"task":"apply","changes":%s}`, listOf(changes)))
	return faster("apply automerge-paper, per edit", ours, theirs, "quill-delta compose", 300)
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

func compareAnywhere(t *testing.T) string {
	text, changes := editsAnywhere()
	doc, err := DocumentFromDelta(Delta{InsertText(text, Attributes{})})
	if err != nil {
		t.Fatal(err)
	}
	ours := cpu(t, 50, len(changes), func() { applyAll(t, doc, changes) })
	g := newGapBuffer(text, 1<<16)
	gap := cpu(t, 1, len(changes), func() {
		for i := range changes {
			g.apply(changes[i])
		}
	})
	return faster("edits anywhere in 1 M units", ours, gap, "bare gap buffer", 100)
}

func compareAccept(t *testing.T) string {
	submissions := concurrent(t, "friendsforever.queued")
	ours := cpu(t, 60, len(submissions), func() {
		if err := accept(submissions); err != nil {
			t.Fatal(err)
		}
	})
	allocs := testing.AllocsPerRun(3, func() { _ = accept(submissions) }) / float64(len(submissions))
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
	return faster(what, ours, nodeTime(t, question.String()), "rich-text", 60)
}

func compareTransforms(t *testing.T, what string, pairs []deltaPair, perPair, bar int) string {
	var out Delta
	ours := cpu(t, 1_000_000/(len(pairs)*perPair), len(pairs), func() {
		for i := range pairs {
			out = AppendTransform(out[:0], pairs[i].a, pairs[i].b, true)
		}
	})
	question := []byte(`{"task":"transform","pairs":[`)
	for i, p := range pairs {
		if i > 0 {
			question = append(question, ',')
		}
		question = append(question, listOf([]Delta{p.a, p.b})...)
	}
	theirs := nodeTime(t, string(question)+"]}")
	return faster(what, ours/time.Duration(perPair), theirs/time.Duration(perPair), "quill-delta", bar)
}

func compareKeystrokes(t *testing.T) string {
	keystrokes, _, _ := transformPairs()
	return compareTransforms(t, "transform, keystroke by keystroke", keystrokes, 1, 150)
}

func compareSmall(t *testing.T) string {
	_, small, _ := transformPairs()
	return compareTransforms(t, "transform, small deltas", small, 1, 30)
}

func compareLarge(t *testing.T) string {
	_, _, large := transformPairs()
	return compareTransforms(t, "transform, 10,000 by 10,000 components, per component", large, 20_000, 40)
}

func compareRebase(t *testing.T) string {
	mine, theirs := offline()
	ours := cpu(t, 10, 1, func() { Rebase(mine, theirs) })
	start := processorTime(t)
	oneByOne(mine, theirs)
	slow := processorTime(t) - start
	return faster("rebase 26,078 offline edits over 26,078", ours, slow, "one by one", 200)
}

func compareRich(t *testing.T) string {
	rich := richWriting(100_000)
	plain := plainOf(rich)
	var ours, without time.Duration = 1 << 62, 1 << 62
	for range 15 {
		ours = min(ours, cpu(t, 1, len(rich), func() { applyAll(t, NewDocument(), rich) }))
		without = min(without, cpu(t, 1, len(rich), func() { applyAll(t, NewDocument(), plain) }))
	}
	return slower("apply rich text, per edit", ours, without, "the same without attributes", 3)
}

// offline is what two people wrote apart, each 26,078 keystrokes in bursts at
// random places of a document of 200,000 units: mine composed, theirs as records.
func offline() (mine Delta, theirs []Delta) {
	const length, keystrokes = 200_000, 26_078
	r := rand.New(rand.NewPCG(3, 4))
	return ComposeAll(writing(r, length, keystrokes)), writing(r, length, keystrokes)
}
