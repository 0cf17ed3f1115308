package store

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	crashRounds = flag.Int("crash.rounds", 5, "kills in TestKillLosesNothingAcknowledged")
	crashSeed   = flag.Uint64("crash.seed", uint64(time.Now().UnixNano()), "seed of the crash and fault tests")
)

const (
	crashEnv     = "STORE_CRASH_DIR"
	crashDocs    = 12
	crashSegment = 24 << 10 // small, so that kills meet the flusher at work
)

// The test binary is also the child that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashEnv); dir != "" {
		if err := writeUntilKilled(dir); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	checks := flag.Lookup("rapid.checks")
	if checks.Value.String() == checks.DefValue {
		_ = flag.Set("rapid.checks", "40") // the short version; any other count is kept
	}
	os.Exit(m.Run())
}

// crashPayload says which record it belongs to, so that no other passes for it.
func crashPayload(doc string, revision uint64) []byte {
	size := int(revision*37) % 200
	return append(fmt.Appendf(nil, "%s %d ", doc, revision), bytes.Repeat([]byte{byte(revision)}, size)...)
}

// writeUntilKilled appends to many documents and prints each watermark.
func writeUntilKilled(dir string) error {
	s, err := Open(dir, Options{Logger: slog.New(slog.DiscardHandler), SegmentBytes: crashSegment})
	if err != nil {
		return err
	}
	var out sync.Mutex
	errs := make(chan error)
	for d := range crashDocs {
		go func() {
			errs <- writeDocument(s, fmt.Sprint("doc", d), func(doc string, n uint64) {
				out.Lock()
				defer out.Unlock()
				fmt.Println("durable", doc, n)
			})
		}()
	}
	return <-errs
}

func writeDocument(s *Store, doc string, report func(string, uint64)) error {
	w := s.Writer(doc)
	next, err := w.Durable()
	for told := next; err == nil; {
		for ; next < told+5; next++ {
			r := Record{Src: "src " + doc, Seq: next, Author: "ann", Time: int64(next), Payload: crashPayload(doc, next)}
			if err := w.Append(next, []Record{r}, nil); err != nil {
				return err
			}
		}
		<-w.Wake()
		var now uint64
		if now, err = w.Durable(); now > told {
			told = now
			report(doc, told)
			if told%50 == 0 {
				err = s.PutSnapshot(doc, Snapshot{told, crashPayload(doc, told)})
			}
		}
	}
	return err
}

// A process killed at any moment loses nothing it acknowledged, and what it
// leaves is whole: contiguous records, right sources, true snapshots.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(*crashSeed, 1))
	t.Logf("rerun: go test ./store -run %s -crash.seed %d", t.Name(), *crashSeed)
	acknowledged := map[string]uint64{}
	for round := range *crashRounds {
		runAndKill(t, dir, time.Duration(20+rnd.IntN(250))*time.Millisecond, acknowledged)
		s, err := Open(dir, Options{Logger: slog.New(slog.DiscardHandler), SegmentBytes: crashSegment})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for doc, want := range acknowledged {
			if err := verifyDocument(s, doc, want); err != nil {
				t.Errorf("round %d: %v", round, err)
			}
		}
		if round%2 == 0 { // sometimes the next child finds a flushed store
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		} else {
			abandon(t, s)
		}
		if t.Failed() {
			return
		}
	}
	sum := uint64(0)
	for _, n := range acknowledged {
		sum += n
	}
	t.Logf("%d kills, %d acknowledged records, none lost", *crashRounds, sum)
}

// abandon closes the files without a last flush.
func abandon(t testing.TB, s *Store) {
	t.Helper()
	s.queue.close()
	<-s.commitEnded
	close(s.flushStop)
	<-s.flushEnded
	if err := s.closeFiles(); err != nil {
		t.Fatal(err)
	}
	s.closeOnce.Do(func() {})
}

// runAndKill runs a child for a while and notes what it acknowledged.
func runAndKill(t *testing.T, dir string, after time.Duration, acknowledged map[string]uint64) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashEnv+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	kill := sync.OnceFunc(func() { _ = child.Process.Kill() })
	defer kill()
	var timer *time.Timer
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var doc string
		var n uint64
		if _, err := fmt.Sscanf(lines.Text(), "durable %s %d", &doc, &n); err != nil {
			if strings.HasPrefix(lines.Text(), "error") {
				t.Errorf("child: %s", lines.Text())
			}
			continue // the line that the kill cut short
		}
		if timer == nil {
			timer = time.AfterFunc(after, kill)
			defer timer.Stop()
		}
		acknowledged[doc] = max(acknowledged[doc], n)
	}
	_ = child.Wait() // killed
}

// verifyDocument checks that a document has at least want records and that
// everything about it is consistent.
func verifyDocument(s *Store, doc string, want uint64) error {
	info, err := s.Info(doc)
	if err != nil {
		return err
	}
	if info.Revision < want {
		return fmt.Errorf("%s has %d records, %d were acknowledged", doc, info.Revision, want)
	}
	next := uint64(0)
	err = s.Records(doc, 0, info.Revision, func(r Record) error {
		if r.Revision != next || r.Seq != next || r.Src != "src "+doc || !bytes.Equal(r.Payload, crashPayload(doc, next)) {
			return fmt.Errorf("record %d of %s is %.100v", next, doc, r)
		}
		next++
		return nil
	})
	if err != nil {
		return err
	}
	if next != info.Revision {
		return fmt.Errorf("records of %s end at %d, its head is %d", doc, next, info.Revision)
	}
	seq, revision, ok, err := s.Last(doc, "src "+doc)
	if err != nil {
		return err
	}
	if next > 0 && (!ok || seq != next-1 || revision != next-1) {
		return fmt.Errorf("last of %s is %d, %d, %v; want %d", doc, seq, revision, ok, next-1)
	}
	sn, ok, err := s.Snapshot(doc, ^uint64(0))
	if err != nil {
		return err
	}
	if ok && (sn.Revision > info.Revision || !bytes.Equal(sn.State, crashPayload(doc, sn.Revision))) {
		return fmt.Errorf("snapshot of %s at %d is wrong", doc, sn.Revision)
	}
	return nil
}
