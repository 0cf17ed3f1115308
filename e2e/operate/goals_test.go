package operate

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quire-editor/quire/e2e/client"
	"github.com/quire-editor/quire/e2e/quire"
	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/store"
)

var goals = flag.Bool("goals", false, "measure the goals of operation")

const (
	manyDocuments = 10_000
	typists       = 50
	keysPerSecond = 5
	largeBytes    = 1 << 30
	backups       = 3
)

// TestGoalsOfAnIdleServer prints what a server with many documents takes in memory when nobody does anything, and how long it takes to
// start.
//
//	go test ./e2e/operate -run GoalsOfAnIdle -goals -v
func TestGoalsOfAnIdleServer(t *testing.T) {
	if !*goals {
		t.Skip("run with -goals to measure")
	}
	s := &site{t: t, data: filepath.Join(t.TempDir(), "data")}
	fillStore(t, s.data, manyDocuments, 2000, false)
	var took []time.Duration
	for range 7 {
		began := time.Now()
		s.start()
		resp, err := http.Get(s.URL + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		took = append(took, time.Since(began))
		s.stop()
	}
	slices.Sort(took)
	s.start()
	time.Sleep(12 * time.Second) // it gives memory back when it has been quiet
	resident := residentBytes(t, s.PID())
	s.stop()
	t.Logf("%d documents: %d MB in memory when idle (goal 40), %v from start to the first answer, median of %d (goal 200 ms)",
		manyDocuments, resident>>20, took[len(took)/2].Round(time.Millisecond), len(took))
}

// TestGoalsOfABackup prints how long acknowledgements take while a large data folder is backed up, and by how much that grows.
//
//	go test ./e2e/operate -run GoalsOfABackup -goals -v -timeout 20m
func TestGoalsOfABackup(t *testing.T) {
	if !*goals {
		t.Skip("run with -goals to measure")
	}
	s := &site{t: t, data: filepath.Join(t.TempDir(), "data")}
	fillStore(t, s.data, largeBytes/(8<<20), 8<<20, true)
	s.start()
	t.Cleanup(func() { _ = s.Kill() })
	crowd := s.crowd()
	defer crowd.leave()
	crowd.measure(2 * time.Second) // everybody has arrived
	grown := func() int64 { return sizeOf(t, s.data, store.MainName) + sizeOf(t, s.data, store.JournalName) }
	before := grown()
	var quiet, busy []time.Duration
	for range backups {
		quiet = append(quiet, crowd.measure(10*time.Second)...)
		began := time.Now()
		busy = append(busy, crowd.during(func() {
			if o := quire.Run(t, bin, "backup", "--data", s.data, filepath.Join(t.TempDir(), "backup")); o.Code != 0 {
				t.Error(o.Err)
			}
		})...)
		t.Logf("a backup of %d MB took %v", before>>20, time.Since(began).Round(100*time.Millisecond))
	}
	t.Logf("%d people at %d keys a second, 99 of 100 acknowledged within %v, during backups %v (goal: at most 2 times); the files grew from %d to %d MB (goal: at most 20%%)",
		typists, keysPerSecond, percentile(quiet, 99), percentile(busy, 99), before>>20, grown()>>20)
}

// fillStore makes documents of a length; with noise, of text that does not compress.
func fillStore(t *testing.T, data string, documents, length int, noise bool) {
	t.Helper()
	st, err := store.Open(data, store.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	text := strings.Repeat("Some words of a document that somebody wrote. ", length/46+1)[:length]
	var all sync.WaitGroup
	for n := range documents {
		if noise {
			b := make([]byte, length)
			for i := range b {
				b[i] = byte(0x20 + random.Uint32()%0x5f)
			}
			text = string(b)
		}
		payload := append([]byte{2}, ot.AppendBinary(nil, ot.Delta{ot.InsertText(text, ot.Attributes{})})...)
		put := func() {
			r := []store.Record{{Src: "s", Seq: 1, Author: "guest:a", Time: 1_700_000_000_000 + int64(n), Payload: payload}}
			if err := st.Append(context.Background(), fmt.Sprintf("document-%05d", n), 0, r, []byte(`{"kind":"text","title":"A document"}`)); err != nil {
				t.Error(err)
			}
		}
		if noise {
			put()
			continue
		}
		all.Go(put)
	}
	all.Wait()
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

// crowd is people who type at a pace, each into a document of their own.
type crowd struct {
	stop  chan struct{}
	all   sync.WaitGroup
	links []*client.Link

	mu   sync.Mutex
	took []time.Duration
}

func (s *site) crowd() *crowd {
	c := &crowd{stop: make(chan struct{})}
	for range typists {
		document := s.create("text")
		one := client.New(document)
		var made sync.Map // when each edit was made
		one.Acknowledged = func(seq, _ uint64) {
			if at, ok := made.LoadAndDelete(seq); ok {
				c.note(time.Since(at.(time.Time)))
			}
		}
		link := client.Connect(s.Socket(document), one)
		c.links = append(c.links, link)
		c.all.Go(func() {
			select { // people do not type at the same moments
			case <-c.stop:
			case <-time.After(time.Duration(rand.Int64N(int64(time.Second / keysPerSecond)))):
			}
			tick := time.NewTicker(time.Second / keysPerSecond)
			defer tick.Stop()
			for {
				select {
				case <-c.stop:
					return
				case <-tick.C:
				}
				_ = link.Do(func(one *client.Client) error {
					if !one.Loaded() {
						return nil
					}
					at := time.Now()
					seq, err := one.Edit(ot.Delta{ot.InsertText("x", ot.Attributes{})})
					made.Store(seq, at)
					return err
				})
			}
		})
	}
	return c
}

func (c *crowd) note(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took = append(c.took, d)
}

// measure returns how long acknowledgements took during a while.
func (c *crowd) measure(d time.Duration) []time.Duration {
	return c.during(func() { <-time.After(d) })
}

// during returns how long acknowledgements took while something was done.
func (c *crowd) during(do func()) []time.Duration {
	c.mu.Lock()
	c.took = nil
	c.mu.Unlock()
	do()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.took
}

func (c *crowd) leave() {
	close(c.stop)
	c.all.Wait()
	for _, link := range c.links {
		link.Close()
	}
}

func percentile(all []time.Duration, n int) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)*n/100].Round(10 * time.Microsecond)
}

func sizeOf(t *testing.T, folder, name string) int64 {
	t.Helper()
	st, err := os.Stat(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return st.Size()
}

// residentBytes is what a process has in memory, the pages of files that it has mapped among them.
func residentBytes(t *testing.T, pid int) (own int64) {
	t.Helper()
	status := string(read(t, fmt.Sprintf("/proc/%d/status", pid)))
	for _, name := range []string{"RssAnon:", "RssShmem:", "VmRSS:"} {
		_, rest, ok := strings.Cut(status, name)
		if !ok {
			t.Fatalf("%s is not in\n%s", name, status)
		}
		kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s %d kB", name, kilobytes)
		own = kilobytes << 10 // VmRSS is last: all of it
	}
	return own
}
