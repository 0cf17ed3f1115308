package peers

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// edits is how long a history the opened document has.
const edits = 100_000

// coldStarts is how often the server is started again to measure the first opening.
const coldStarts = 7

// TestCompareOpening prints how long it takes from connecting to the first snapshot of a document with a long history: in a
// server that has it in memory, and in one that has just been started.
//
//	go test ./e2e/peers -run CompareOpening -compare -v -timeout 60m
func TestCompareOpening(t *testing.T) {
	if !*compareFlag {
		t.Skip("run with -compare to measure")
	}
	b := &bench{t: t, folder: t.TempDir()}
	b.build()
	data := filepath.Join(b.folder, "data")
	s := b.startQuireOn(t, data)
	warm := b.runLoad(t, s, "-scenario", "open", "-people", "32", "-edits", fmt.Sprint(edits))
	s.end()
	var cold, cpu []float64
	for range coldStarts {
		s := b.startQuireOn(t, data)
		r := b.runLoad(t, s, "-scenario", "open", "-document", warm.Document, "-opens", "1")
		s.end()
		cold, cpu = append(cold, r.Median), append(cpu, r.CPU*1000)
	}
	slices.Sort(cold)
	slices.Sort(cpu)
	t.Log(strings.Join([]string{
		"\n| opening a document with 100,000 edits | median | bar |", "|---|---|---|",
		fmt.Sprintf("| in memory | %.2f ms, CPU %.2f ms | 3 ms, 2 ms |", warm.Median, warm.CPU*1000/51),
		fmt.Sprintf("| after a restart | %.2f ms, CPU %.2f ms | 10 ms, 2 ms |", cold[len(cold)/2], cpu[len(cpu)/2]),
	}, "\n"))
}
