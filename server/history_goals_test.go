package server

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/store"
)

var historyGoals = flag.Bool("history.goals", false, "measure history on recordings of people typing and fail where a goal is missed")

// typed is a recording of a paper being written, 259,778 keystrokes, as records of four authors, written `times` over into one text.
func typed(t *testing.T, times int) (records []store.Record) {
	t.Helper()
	folder := os.Getenv("OT_TRACES")
	if folder == "" {
		folder = "../../shared/traces"
	}
	file, err := os.Open(filepath.Join(folder, "automerge-paper.seq.jsonl.gz"))
	if err != nil {
		t.Skip("no recording: set OT_TRACES to the folder that holds automerge-paper.seq.jsonl.gz")
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(unzipped)
	lines.Buffer(nil, 1<<20)
	lines.Scan() // the header
	r, now, author, stamper := rand.New(rand.NewPCG(1, 2)), int64(1_750_000_000_000), 0, store.Stamper{}
	for lines.Scan() {
		var patches [][3]any
		if err := json.Unmarshal(lines.Bytes(), &patches); err != nil {
			t.Fatal(err)
		}
		var d ot.Delta
		for _, p := range patches {
			d = ot.Compose(d, ot.Normalize(ot.Delta{retain(int(p[0].(float64))), insert(p[2].(string)), ot.DeleteOp(int(p[1].(float64)))}))
		}
		now += 60 + r.Int64N(240)
		if r.IntN(400) == 0 { // a pause for thought, and perhaps somebody else goes on
			now, author = now+r.Int64N(200_000), r.IntN(4)
		}
		records = append(records, store.Record{
			Src: fmt.Sprint("s", author), Seq: uint64(len(records) + 1), Author: fmt.Sprint("guest:", author), Time: stamper.Stamp(now),
			Payload: change{changeEdit, d}.encode(),
		})
	}
	once := records
	for range times - 1 {
		records = append(records, once...)
	}
	for i := range records {
		records[i].Seq = uint64(i + 1)
	}
	return records
}

// keep puts records into the store as the server does, with its snapshots.
func (ts *testServer) keep(document string, records []store.Record) {
	ts.t.Helper()
	created := store.Record{Src: "s", Seq: 1, Author: "guest:0", Time: records[0].Time, Payload: change{kind: changeCreate}.encode()}
	meta := metadata{Kind: KindText, Owner: "guest:0"}
	if err := ts.store.Append(ts.t.Context(), document, 0, []store.Record{created}, meta.encode()); err != nil {
		ts.t.Fatal(err)
	}
	st, changes := newState(), changeReader{}
	_ = st.apply(change{kind: changeCreate})
	for batch := range slices.Chunk(records, 4096) {
		next := st.revision
		for i := range batch {
			batch[i].Revision = 0
			c, err := changes.read(batch[i].Payload)
			if err == nil {
				err = st.apply(c)
			}
			if err != nil {
				ts.t.Fatal(err)
			}
		}
		if err := ts.store.Append(ts.t.Context(), document, next, batch, nil); err != nil {
			ts.t.Fatal(err)
		}
		if err := ts.store.PutSnapshot(document, store.Snapshot{Revision: st.revision, State: st.encode()}); err != nil {
			ts.t.Fatal(err)
		}
		if err := ts.store.Flush(ts.t.Context()); err != nil {
			ts.t.Fatal(err)
		}
	}
}

// timed answers how long requests took inside the server, in order of size.
func (ts *testServer) timed(n int, method string, path func() string, body string) []time.Duration {
	ts.t.Helper()
	took := make([]time.Duration, n)
	for i := range took {
		req := httptest.NewRequestWithContext(ts.t.Context(), method, "/api/v1/documents/"+path(), nil)
		if body != "" {
			req = httptest.NewRequestWithContext(ts.t.Context(), method, "/api/v1/documents/"+path(), strings.NewReader(body))
		}
		answer := httptest.NewRecorder()
		begin := time.Now()
		ts.ServeHTTP(answer, req)
		took[i] = time.Since(begin)
		if answer.Code != http.StatusOK {
			ts.t.Fatalf("%s %s answered %d %s", method, req.URL, answer.Code, answer.Body)
		}
	}
	slices.Sort(took)
	return took
}

func TestHistoryReachesItsGoals(t *testing.T) {
	if !*historyGoals {
		t.Skip("measures; run with -history.goals")
	}
	for _, size := range []struct {
		name  string
		times int
	}{{"260k", 1}, {"1M", 4}} {
		ts := serveNew(t)
		records := typed(t, size.times)
		ts.keep("paper", records)
		head := len(records) + 1
		past := func(format string) func() string {
			return func() string { return fmt.Sprintf(format, 1+rand.IntN(head)) }
		}
		one := func(path string) func() string { return func() string { return path } }
		report := func(what string, took []time.Duration, goal time.Duration) {
			median, late := took[len(took)/2], took[len(took)*99/100]
			t.Logf("%s %-46s median %8.2f ms, p99 %8.2f ms, worst %8.2f ms (goal %v)", size.name, what, ms(median), ms(late), ms(took[len(took)-1]), goal)
			if goal > 0 && late > goal {
				t.Errorf("%s %s: p99 %v is over %v", size.name, what, late, goal)
			}
		}
		ms10, ms50 := 10*time.Millisecond, 50*time.Millisecond
		state := ms10 * time.Duration(min(size.times, 2))
		report("first page of edits, cold", ts.timed(1, "GET", one("paper/changes"), ""), ms10)
		report("first page of edits", ts.timed(200, "GET", one("paper/changes"), ""), ms10)
		report("state at a random revision", ts.timed(400, "GET", past("paper/revisions/%d/text"), ""), state)
		report("state at a random revision, as delta", ts.timed(400, "GET", past("paper/revisions/%d"), ""), state)
		report("timeline built (once)", ts.timed(1, "GET", one("paper/history"), ""), 0)
		report("blame of the current text", ts.timed(100, "GET", one("paper/blame"), ""), ms50)
		report("blame at a random revision", ts.timed(100, "GET", past("paper/blame?revision=%d"), ""), 0)
		report("a frame of the slider", ts.timed(200, "GET", past("paper/revisions/%d?with=changes,authors"), ""), ms50)
		report("difference between beginning and now", ts.timed(3, "GET", one(fmt.Sprintf("paper/diff?from=1&to=%d", head)), ""), 0)
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// TestUndoOfTenThousandEditsReachesItsGoal: one author's 10,000 edits among 100,000.
func TestUndoOfTenThousandEditsReachesItsGoal(t *testing.T) {
	if !*historyGoals {
		t.Skip("measures; run with -history.goals")
	}
	ts := serveNew(t)
	records := typed(t, 1)[:100_000]
	for i := range records {
		records[i].Author = fmt.Sprint("guest:", i%9)
		if i%10 == 0 {
			records[i].Author = "guest:eve"
		}
	}
	ts.keep("paper", records)
	eve := personOf("guest:eve")
	preview := ts.timed(5, "GET", func() string { return fmt.Sprintf("paper/undo?person=%s&from=1&to=100001", eve) }, "")
	undo := ts.timed(1, "POST", func() string { return "paper/undo" }, fmt.Sprintf(`{"person":%q,"from":1,"to":100001}`, eve))
	again := ts.timed(1, "POST", func() string { return "paper/undo" }, fmt.Sprintf(`{"person":%q,"from":1,"to":100001}`, eve))
	t.Logf("preview %.0f ms, undo %.0f ms, once more %.0f ms (goal 1 s)", ms(preview[4]), ms(undo[0]), ms(again[0]))
	if undo[0] > time.Second {
		t.Errorf("undo took %v", undo[0])
	}
}
