package ot

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// patch is one edit of a recording: at a position remove some units, then insert.
type patch struct {
	at, removed int
	text        string
}

func (p patch) delta() Delta {
	return Normalize(Delta{RetainOp(p.at, Attributes{}), InsertText(p.text, Attributes{}), DeleteOp(p.removed)})
}

// traceLines calls fn for each line of a recording but the first. The folder is
// OT_TRACES, or that of the shared recordings; without it the test is skipped.
func traceLines(tb testing.TB, name string, fn func(line []byte)) {
	tb.Helper()
	folder := os.Getenv("OT_TRACES")
	if folder == "" {
		folder = "../../shared/traces"
	}
	f, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		tb.Skipf("no recordings (set OT_TRACES to name their folder): %v", err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	lines := bufio.NewScanner(unzipped)
	lines.Buffer(nil, 16<<20)
	for first := true; lines.Scan(); first = false {
		if !first {
			fn(lines.Bytes())
		}
	}
	if err := lines.Err(); err != nil {
		tb.Fatal(err)
	}
}

// sequential reads a recording of one text written from beginning to end.
func sequential(tb testing.TB, name string) []patch {
	tb.Helper()
	var patches []patch
	traceLines(tb, name+".seq.jsonl.gz", func(line []byte) {
		var transaction [][3]any
		if err := json.Unmarshal(line, &transaction); err != nil {
			tb.Fatal(err)
		}
		for _, p := range transaction {
			patches = append(patches, patch{int(p[0].(float64)), int(p[1].(float64)), p[2].(string)})
		}
	})
	return patches
}

// submission is one line of a recording of several people: what the server got,
// and what it committed.
type submission struct {
	agent, revision int
	op              []byte // JSON
	want            Delta  // nil if it was committed as it came
}

// concurrent reads a recording of several people.
func concurrent(tb testing.TB, name string) []submission {
	tb.Helper()
	var out []submission
	traceLines(tb, name+".jsonl.gz", func(line []byte) {
		var parts [4]json.RawMessage
		if err := json.Unmarshal(line, &parts); err != nil {
			tb.Fatal(err)
		}
		s := submission{op: parts[2]}
		if json.Unmarshal(parts[0], &s.agent) != nil || json.Unmarshal(parts[1], &s.revision) != nil {
			tb.Fatalf("malformed line %s", line)
		}
		if string(parts[3]) != "0" {
			s.want = mustDelta(string(parts[3]))
		}
		out = append(out, s)
	})
	return out
}

// TestRecordingsOfSeveralPeople carries every submission over what was committed
// since, and compares with what rich-text made of it.
func TestRecordingsOfSeveralPeople(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"friendsforever.queued", "friendsforever.composed", "clownschool.queued", "clownschool.composed",
	} {
		t.Run(name, func(t *testing.T) {
			doc := NewDocument()
			var log []Delta
			for i, s := range concurrent(t, name) {
				sent := mustDelta(string(s.op))
				got, want := Rebase(sent, log[s.revision:]), s.want
				if want == nil {
					want = sent
				}
				if !got.Equal(want) {
					t.Fatalf("submission %d: got %v, want %v", i, got, want)
				}
				if err := doc.Apply(got); err != nil {
					t.Fatal(err)
				}
				log = append(log, got)
			}
		})
	}
}
