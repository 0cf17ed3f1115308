package store

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/quire-editor/quire/ot"
	bolt "go.etcd.io/bbolt"
)

// paperRecords is the trace of a paper being written, one record per keystroke,
// as the server stores them, typed by four authors in turn. A typing run has one
// time for all its keystrokes, as the server stamps them, or each has its own. At most limit are read.
func paperRecords(tb testing.TB, timePerRun bool, limit int) []Record {
	tb.Helper()
	dir := os.Getenv("OT_TRACES")
	if dir == "" {
		dir = "../../shared/traces"
	}
	f, err := os.Open(filepath.Join(dir, "automerge-paper.seq.jsonl.gz"))
	if errors.Is(err, fs.ErrNotExist) {
		tb.Skip("no traces: set OT_TRACES to the folder that holds automerge-paper.seq.jsonl.gz")
	}
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	p := paper{rnd: rand.New(rand.NewPCG(1, 2)), timePerRun: timePerRun, now: 1_750_000_000_000}
	lines := bufio.NewScanner(z)
	for lines.Scan(); len(p.recs) < limit && lines.Scan(); {
		var patches [][3]any
		if err := json.Unmarshal(lines.Bytes(), &patches); err != nil {
			tb.Fatal(err)
		}
		p.add(int(patches[0][0].(float64)), int(patches[0][1].(float64)), patches[0][2].(string))
	}
	return p.recs
}

type paper struct {
	rnd        *rand.Rand
	timePerRun bool
	recs       []Record
	caret      int // where a run would go on
	author     int
	seqs       [4]uint64
	now        int64
	stamper    Stamper
}

func (p *paper) add(at, deleted int, inserted string) {
	p.now += 60 + p.rnd.Int64N(240)
	if at != p.caret && at+deleted != p.caret { // the caret was moved: a new run
		p.now += 500 + p.rnd.Int64N(4000)
		if p.rnd.IntN(40) == 0 {
			p.author = p.rnd.IntN(len(p.seqs))
		}
	}
	p.caret = at + len(inserted)
	t := p.now
	if p.timePerRun {
		t = p.stamper.Stamp(t)
	}
	d := ot.Delta{ot.RetainOp(at, ot.Attributes{}), ot.InsertText(inserted, ot.Attributes{}), ot.DeleteOp(deleted)}
	p.recs = append(p.recs, Record{
		Revision: uint64(len(p.recs)), Src: fmt.Sprintf("9f86d081884c7d65%016x", p.author), Seq: p.seqs[p.author],
		Author: fmt.Sprintf("%022d", p.author), Time: t, Payload: ot.AppendBinary([]byte{1}, d),
	})
	p.seqs[p.author]++
}

// BenchmarkPaper stores the keystrokes of a paper and reports the bytes of main.db
// per keystroke: the file, the pages in use, and the file after Compact.
func BenchmarkPaper(b *testing.B) {
	for _, per := range []string{"run", "keystroke"} {
		b.Run("time-per-"+per, func(b *testing.B) {
			recs := paperRecords(b, per == "run", math.MaxInt)
			for b.Loop() {
				dir := b.TempDir()
				n := float64(len(recs))
				b.ReportMetric(float64(storePaper(b, dir, recs))/n, "file-bytes/record")
				b.ReportMetric(float64(usedBytes(b, dir))/n, "used-bytes/record")
				b.ReportMetric(float64(compactDir(b, dir))/n, "compacted-bytes/record")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// compactDir compacts a closed store and returns the size of main.db after it.
func compactDir(tb testing.TB, dir string) int64 {
	tb.Helper()
	s, err := Open(dir, WithoutSync(quiet()))
	if err != nil {
		tb.Fatal(err)
	}
	_, after, err := s.Compact(ctx, nil)
	if err = errors.Join(err, s.Close()); err != nil {
		tb.Fatal(err)
	}
	return after
}

// storePaper stores records, flushed every few thousand, and returns the size of
// main.db.
func storePaper(tb testing.TB, dir string, recs []Record) int64 {
	tb.Helper()
	s, err := Open(dir, WithoutSync(quiet()))
	if err != nil {
		tb.Fatal(err)
	}
	const step = 3000
	for n := 0; n < len(recs); n += step {
		err := s.Append(ctx, "paper", uint64(n), recs[n:min(n+step, len(recs))], nil)
		if err = errors.Join(err, s.Flush(ctx)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		tb.Fatal(err)
	}
	st, err := os.Stat(filepath.Join(dir, mainName))
	if err != nil {
		tb.Fatal(err)
	}
	return st.Size()
}

// usedBytes is what the pages of main.db take that are not free.
func usedBytes(tb testing.TB, dir string) int64 {
	tb.Helper()
	s := openTest(tb, dir, WithoutSync(quiet()))
	used := int64(4 * pageSize) // two meta pages, the list of free pages, the list of buckets
	err := s.main.view(func(tx *bolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bolt.Bucket) error {
			st := b.Stats()
			used += int64(st.LeafPageN+st.LeafOverflowN+st.BranchPageN+st.BranchOverflowN) * pageSize
			return nil
		})
	})
	if err = errors.Join(err, s.Close()); err != nil {
		tb.Fatal(err)
	}
	return used
}
