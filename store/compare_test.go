//go:build unix

package store

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

var compareStore = flag.Bool("compare", false, "measure the store against its goals, and print a table")

// TestCompareStore prints what the store does, beside references measured in the
// same run and beside the goals.
//
//	go test ./store -run CompareStore -compare -v
//
// Where two sides are compared, they take rounds by turns, so that both meet
// whatever else the machine does; a row shows medians. Processor times are those
// of the whole process: the load that is put on the store counts as well. What a
// row measures stands at its function.
func TestCompareStore(t *testing.T) {
	if !*compareStore {
		t.Skip("run with -compare to measure")
	}
	rows := []string{"| what | measured | compared with | goal | |", "|---|---|---|---|---|"}
	for _, row := range []struct {
		name    string
		measure func(*testing.T) []goal
	}{
		{"saturated", compareSaturated},
		{"rooms", compareRooms},
		{"crowd", compareCrowd},
		{"paper", comparePaper},
		{"past", comparePast},
		{"restart", compareRestart},
	} {
		t.Run(row.name, func(t *testing.T) {
			debug.FreeOSMemory() // what the row before left is not this row's to collect
			for _, g := range row.measure(t) {
				rows = append(rows, g.row())
			}
		})
	}
	t.Logf("\n%s", strings.Join(rows, "\n"))
}

// goal is one row: a value with its bar.
type goal struct {
	what, measured, compared, bar string
	reached                       bool
}

func (g goal) row() string {
	verdict := "**missed**"
	if g.reached {
		verdict = "reached"
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |", g.what, g.measured, g.compared, g.bar, verdict)
}

func median[T float64 | time.Duration](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

// compareSaturated: a thousand documents, each appending its next record as soon
// as the one before is durable, on one processor, flushing to main.db included:
// the store takes several times the records that fit into its journal.
func compareSaturated(t *testing.T) []goal {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const documents, rounds = 1000, 5
	speed := func(l log, each uint64) float64 {
		took, _ := saturate(t, l, documents, 1, each)
		return float64(documents*each) / took.Seconds()
	}
	var ours, plain, buckets, overPlain, overBuckets []float64
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) { // what a round opens ends with it
			ours = append(ours, speed(storeLog(openTest(t, t.TempDir(), quiet())), 2000))
			plain = append(plain, speed(newPlainFile(t), 2000))
			buckets = append(buckets, speed(newBuckets(t), 200))
		})
		overPlain = append(overPlain, ours[round]/plain[round])
		overBuckets = append(overBuckets, ours[round]/buckets[round])
	}
	share, times := median(overPlain), median(overBuckets)
	measured := fmt.Sprintf("%.0f records/s", median(ours))
	const what = "durable records, one processor, 1,000 documents saturated"
	return []goal{
		{what, measured, fmt.Sprintf("a bucket per document, %.0f/s: %.1f times", median(buckets), times), "10 times", times >= 10},
		{what, measured, fmt.Sprintf("a plain file, fsync per batch, %.0f/s: %.2f of it", median(plain), share), "0.5 of it", share >= 0.5},
	}
}

// compareRooms: a thousand documents with five records a second each.
func compareRooms(t *testing.T) []goal {
	fsync := fsyncTime(t)
	l := typeSteadily(t, storeLog(openTest(t, t.TempDir(), quiet())), 1000, 5, 10)
	late, limit := l.at(0.99), 3*fsync+2*time.Millisecond
	return []goal{
		{
			"processor time per record, 1,000 documents at 5 a second", fmt.Sprintf("%.1f µs", microseconds(l.cpu)),
			"", "30 µs", l.cpu <= 30*time.Microsecond,
		},
		{
			"acknowledged, the same load, 99 of 100", fmt.Sprintf("%.2f ms (median %.2f)", milliseconds(late), milliseconds(l.at(0.5))),
			fmt.Sprintf("an fsync of this disk, %.2f ms", milliseconds(fsync)), fmt.Sprintf("3 fsyncs + 2 ms = %.2f ms", milliseconds(limit)), late <= limit,
		},
	}
}

// compareCrowd: ten thousand documents with five records a second each.
func compareCrowd(t *testing.T) []goal {
	const documents, perSecond, seconds = 10_000, 5, 10
	begin := time.Now()
	l := typeSteadily(t, storeLog(openTest(t, t.TempDir(), quiet())), documents, perSecond, seconds)
	rate := float64(len(l.all)) / time.Since(begin).Seconds()
	late := l.at(0.99)
	return []goal{{
		"10,000 documents at 5 a second, 99 of 100 acknowledged", fmt.Sprintf("%.2f ms (median %.2f)", milliseconds(late), milliseconds(l.at(0.5))),
		fmt.Sprintf("%.0f records/s, %.1f µs of processor each", rate, microseconds(l.cpu)), "sustained, 15 ms",
		late <= 15*time.Millisecond && rate > 0.95*documents*perSecond,
	}}
}

// comparePaper: the keystrokes of a paper with four authors, flushed every few
// thousand; all of main.db with its free pages counts.
func comparePaper(t *testing.T) []goal {
	recs := paperRecords(t, true, math.MaxInt)
	each := float64(storePaper(t, t.TempDir(), recs)) / float64(len(recs))
	return []goal{{
		"main.db per keystroke, automerge-paper, 4 authors", fmt.Sprintf("%.3f bytes", each),
		fmt.Sprintf("%d keystrokes", len(recs)), "1.0 bytes", each <= 1,
	}}
}

// compareRestart: opening a store whose journal is as full as it gets.
func compareRestart(t *testing.T) []goal {
	var goals []goal
	for _, large := range []bool{false, true} {
		dir := t.TempDir()
		if large {
			fillMain(t, dir, 1<<30)
		}
		n := fillJournal(t, dir)
		var took []time.Duration
		for range 7 {
			begin := time.Now()
			s, err := Open(dir, unflushed())
			took = append(took, time.Since(begin))
			if err != nil {
				t.Fatal(err)
			}
			abandon(t, s)
		}
		size := "empty"
		if st, err := os.Stat(filepath.Join(dir, mainName)); err == nil && large {
			size = fmt.Sprintf("%d MB", st.Size()>>20)
		}
		m := median(took)
		goals = append(goals, goal{
			fmt.Sprintf("restart with a full journal, warm, main.db %s", size), fmt.Sprintf("%.0f ms", milliseconds(m)),
			fmt.Sprintf("%d records", n), "200 ms", m <= 200*time.Millisecond,
		})
	}
	return goals
}

// unflushed is how a store is opened whose journal shall stay as it is.
func unflushed() Options {
	o := WithoutSync(quiet())
	o.MinGap, o.SegmentBytes = -1, 1<<30
	return o
}

// fillJournal puts as many bytes into the journal as may ever wait there, of a
// thousand documents. It returns the number of records.
func fillJournal(t testing.TB, dir string) (records int) {
	s, err := Open(dir, unflushed())
	if err != nil {
		t.Fatal(err)
	}
	defer abandon(t, s)
	all := typists(storeLog(s), 1000)
	for full := false; !full; records += len(all) {
		for _, p := range all {
			if err := p.append(); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range all {
			if err := p.await(0); err != nil {
				t.Fatal(err)
			}
		}
		s.mu.Lock()
		full = s.active.bytes >= (maxSealed+1)*defaultSegmentBytes
		s.mu.Unlock()
	}
	return records
}

// fillMain gives main.db so many bytes of documents.
func fillMain(t *testing.T, dir string, bytes int64) {
	o := WithoutSync(quiet())
	o.MinGap = -1
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	noise := rand.New(rand.NewChaCha8([32]byte{1}))
	for i := int64(0); i < bytes; i += 1 << 20 {
		payload := make([]byte, 1<<20)
		for j := range payload {
			payload[j] = byte(noise.Uint32())
		}
		if err := s.Append(ctx, fmt.Sprint("large-", i), 0, []Record{{Src: "s", Payload: payload}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
